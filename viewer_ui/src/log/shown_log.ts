/** A log as rows to draw: its lines with numbers, our rows among them, headings, and nothing that is folded. */

import { Folded, type Silence } from "./folded";
import type { Group } from "./groups";
import type { PagedLog } from "./paged_log";
import { EMPTY, type Heading, type Row } from "./rows";

/** From offset `at` on there was output again, after so many seconds without. */
export interface Silent {
  at: number;
  seconds: number;
}

/** What all logs of a document are shown by: the groups that are folded and the silences by offset, new ones after each change. */
export interface Showing {
  closed: ReadonlySet<number>;
  silences: readonly Silent[];
}

export class ShownLog {
  /** Rows from `at` on have moved by `by`, those of the log by `rows`. */
  onShift: (at: number, by: number, rows: number) => void = () => {};
  #groups: Group[] | undefined;
  #version = -1;
  #closed: ReadonlySet<number> | undefined;
  #silences: readonly Silent[] | undefined;
  /** The first silence that the log has not come to. */
  #next: Silent | undefined;
  #folded = new Folded([], new Set());

  constructor(
    readonly log: PagedLog,
    private showing: Showing,
  ) {
    log.around = (row, change) => {
      const [shown, rows] = [this.count, log.count];
      const at = this.#view.indexOf(row);
      change();
      this.onShift(at, this.count - shown, log.count - rows);
    };
  }

  get count(): number {
    return this.countOf(this.log.count);
  }

  /** How many rows are shown of the first `rows` of the log. */
  countOf(rows: number): number {
    return this.#view.count(rows);
  }

  row(index: number, limit: number): Row {
    const { group, silence, row } = this.#view.at(index);
    const { styles } = this.log;
    const offset = this.log.offsetOf(row);
    if (silence) return { ...EMPTY, kind: "silence", seconds: silence.seconds, offset, styles };
    if (!group) return this.log.row(row, limit);
    const number = group.headed ? this.log.row(row, 0).number : 0;
    return { ...EMPTY, kind: "group", number, text: group.name, group: this.#heading(group), offset, styles };
  }

  /** The job's own text of a row, undefined where it has none. */
  text(index: number): string | undefined {
    const { group, silence, row } = this.#view.at(index);
    if (silence || (group && !group.headed)) return undefined;
    const { kind, text } = this.log.row(row, Number.MAX_SAFE_INTEGER / 4);
    return kind === "line" ? text : undefined;
  }

  /** Where a line is, or the heading it is folded under; `n` counts from 1. */
  indexOfLine(n: number): number {
    return this.#view.indexOf(this.log.rowOfLine(n));
  }

  /** Where the line is that has the byte at `offset`, or the heading it is folded under. */
  indexOfOffset(offset: number): number {
    return this.#view.indexOf(this.log.rowAt(offset));
  }

  /** Resolves when the rows from `first` up to `last` are read. */
  async load(first: number, last: number): Promise<void> {
    await this.log.load(this.#view.at(first).row, this.#view.at(last - 1).row + 1);
  }

  offsetOf(index: number): number | undefined {
    return this.log.offsetOf(this.#view.at(index).row);
  }

  /** Where a group's heading is, undefined where there is none. */
  indexOfGroup(seq: number): number | undefined {
    return this.#view.indexOfGroup(seq);
  }

  /** Where a silence is, undefined where it isn't shown. */
  indexOfSilence(at: number): number | undefined {
    return this.#view.indexOfSilence(at);
  }

  /** Where a note is, or the heading it is folded under. */
  indexOfNote(seq: number): number | undefined {
    const row = this.log.rowOfNote(seq);
    return row === undefined ? undefined : this.#view.indexOf(row);
  }

  #heading(group: Group): Heading {
    const { row, end = this.log.count, headed, seq } = group;
    const hidden = this.showing.closed.has(seq) ? Math.max(0, end - row - (headed ? 1 : 0)) : undefined;
    return { group, hidden };
  }

  get #view(): Folded {
    const { closed, silences } = this.showing;
    const { groups, version } = this.log;
    const moved = groups !== this.#groups || version !== this.#version;
    const heard = this.#next && this.#next.at <= this.log.end;
    if (moved || closed !== this.#closed || silences !== this.#silences || heard) {
      this.#folded = new Folded(groups, closed, this.#silent(silences));
      this.#groups = groups;
      this.#version = version;
      this.#closed = closed;
      this.#silences = silences;
      this.#next = silences.find(({ at }) => at > this.log.end);
    }
    return this.#folded;
  }

  #silent(silences: readonly Silent[]): Silence[] {
    const here = silences.filter(({ at }) => this.log.start <= at && at <= this.log.end);
    return here.map(({ at, seconds }) => ({ at, seconds, row: this.log.rowAfter(at) }));
  }
}
