/** A log as rows to draw: its lines with numbers, our rows among them, headings, and nothing that is folded. */

import type { Level } from "../progress/fields";
import { Folded } from "./folded";
import type { Group } from "./groups";
import type { StyledText, Styles } from "./styles";
import type { TerminalLog } from "./terminal_log";

export interface Row extends StyledText {
  kind: "line" | "gap" | "hole" | "note" | "group" | "loading" | "screen";
  /** The line's number from 1, 0 for a row that isn't a line; `about` when lines before it are not counted yet. */
  number: number;
  about: boolean;
  /** How many characters of the line are not in `text`. */
  more: number;
  /** The bytes missing at a gap or hole. */
  bytes: number;
  /** How grave what it says is: of a note, or of the line that one tells of. */
  level: Level | undefined;
  /** What it is the heading of. */
  group: Heading | undefined;
  styles: Styles;
}

/** A group as its heading shows it; `hidden` is how many rows are folded away, undefined where they are shown. */
export interface Heading {
  group: Group;
  hidden: number | undefined;
}

/** A row of which nothing is known but its kind. */
export const EMPTY = {
  text: "",
  runs: [],
  number: 0,
  about: false,
  more: 0,
  bytes: 0,
  level: undefined,
  group: undefined,
};

export class ShownLog {
  #groups: Group[] = [];
  #closed: ReadonlySet<number> = new Set();
  #folded = new Folded(this.#groups, this.#closed);

  /** `closed` gives the numbers of the groups that are folded: another set after each change. */
  constructor(
    readonly log: TerminalLog,
    private closed: () => ReadonlySet<number>,
  ) {}

  get count(): number {
    return this.countOf(this.log.count);
  }

  /** How many rows are shown of the first `rows` of the log. */
  countOf(rows: number): number {
    return this.#view.count(rows);
  }

  /** The row at `index`, of a log before which there are `linesBefore` lines, at most about. */
  row(index: number, limit: number, linesBefore: number, about: boolean): Row {
    const { group, row } = this.#view.at(index);
    const line = row === undefined ? undefined : this.#line(row, limit, linesBefore, about);
    if (!group) return line ?? { ...EMPTY, kind: "line", styles: this.log.styles };
    const { number = 0 } = line ?? {};
    return {
      ...EMPTY,
      kind: "group",
      number,
      about,
      text: group.name,
      group: this.#heading(group),
      styles: this.log.styles,
    };
  }

  /** Where a group's heading is, undefined where there is none. */
  indexOfGroup(seq: number): number | undefined {
    return this.#view.indexOfGroup(seq);
  }

  /** Where a note is, or the heading it is folded under. */
  indexOfNote(seq: number): number | undefined {
    const row = this.log.rowOfNote(seq);
    return row === undefined ? undefined : this.#view.indexOf(row);
  }

  #line(row: number, limit: number, linesBefore: number, about: boolean): Row {
    const { styles, flags } = this.log;
    const { insert, before } = this.log.insertAt(row);
    if (insert) return { ...EMPTY, ...insert, level: insert.level, kind: insert.kind, styles };
    const number = linesBefore + row + 1 - before;
    return { ...EMPTY, ...this.log.read(row, limit), kind: "line", number, about, level: flags.get(row), styles };
  }

  #heading(group: Group): Heading {
    const { row, end = this.log.count, headed, seq } = group;
    const hidden = this.closed().has(seq) ? Math.max(0, end - row - (headed ? 1 : 0)) : undefined;
    return { group, hidden };
  }

  get #view(): Folded {
    const [groups, closed] = [this.log.groups.all, this.closed()];
    if (groups !== this.#groups || closed !== this.#closed) this.#folded = new Folded(groups, closed);
    this.#groups = groups;
    this.#closed = closed;
    return this.#folded;
  }
}
