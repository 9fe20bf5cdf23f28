/** What a run's events say of its output, in the order of that. */

import type { Level } from "../progress/fields";
import { lastWhere } from "./growing";
import type { Layout } from "./segments";

/** What happened at offset `at`: the terminal got another size, output was not recorded, something was said or begun. */
export type Mark = { at: number } & (
  | { kind: "resize"; cols: number; rows: number }
  | { kind: "gap"; bytes: number }
  | Said
  | { kind: "group"; seq: number; t: number; name: string; open: boolean }
  | { kind: "exit"; seq: number; t: number; failed: boolean }
);

/** What is said; mere information has a row of its own only where it is wanted. */
export type Said = { kind: "note"; seq: number; t: number; level: Level; text: string; own?: true };

/** Whether a mark is one of the output `[at, to)`: what is said of a line is known after it. */
export function belongs(mark: Mark, at: number, to: number): boolean {
  if (mark.kind === "gap" || mark.kind === "resize") return at <= mark.at && mark.at < to;
  return (at < mark.at || at === 0) && mark.at <= to;
}

export class Marks {
  readonly all: Mark[] = [];

  /** `layout` is that of the first byte. */
  constructor(private layout: Layout) {}

  add(mark: Mark): void {
    const before = this.all.findLastIndex(({ at }) => at <= mark.at);
    this.all.splice(before + 1, 0, mark);
  }

  /** Those of the output `[at, to)`. */
  of(at: number, to: number): Mark[] {
    const first = lastWhere(this.all.length, (i) => (this.all[i]?.at ?? 0) < at);
    const marks: Mark[] = [];
    for (let i = first; i < this.all.length; i++) {
      const mark = this.all[i] as Mark;
      if (mark.at > to) break;
      if (belongs(mark, at, to)) marks.push(mark);
    }
    return marks;
  }

  /** The layout with the most rows there is. */
  get tallest(): Layout {
    const rows = this.all.map((mark) => (mark.kind === "resize" ? mark.rows : 0));
    return { ...this.layout, rows: rows.reduce((a, b) => Math.max(a, b), this.layout.rows) };
  }

  /** How output is laid out from `offset` on. */
  layoutAt(offset: number): Layout {
    const size = this.all.findLast(({ at, kind }) => kind === "resize" && at <= offset);
    return size?.kind === "resize" ? { ...this.layout, cols: size.cols, rows: size.rows } : this.layout;
  }
}
