/** A log as rows to draw: its lines with numbers, our rows among them, headings, and nothing that is folded. */

import type { Level } from "../progress/fields";
import { Folded, type Silence } from "./folded";
import type { Group } from "./groups";
import type { StyledText, Styles } from "./styles";
import type { TerminalLog } from "./terminal_log";

export interface Row extends StyledText {
  kind: "line" | "gap" | "hole" | "note" | "group" | "silence" | "loading" | "screen";
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
  /** How long nothing was written before the next line. */
  seconds: number;
  /** Where its line, or the next one, begins in the output. */
  offset?: number | undefined;
  /** When that was written, in seconds since the run's start, and to which descriptor, once known. */
  time?: number | undefined;
  fd?: 1 | 2 | undefined;
  styles: Styles;
}

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
  seconds: 0,
};

export class ShownLog {
  #groups: Group[] | undefined;
  #closed: ReadonlySet<number> | undefined;
  #silences: readonly Silent[] | undefined;
  /** The first silence that the log has not come to. */
  #next: Silent | undefined;
  #folded = new Folded([], new Set());

  constructor(
    readonly log: TerminalLog,
    private showing: Showing,
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
    const { group, silence, row } = this.#view.at(index);
    const { styles } = this.log;
    const offset = this.log.offsetOf(row);
    if (silence) return { ...EMPTY, kind: "silence", seconds: silence.seconds, offset, styles };
    if (!group) return { ...this.#line(row, limit, linesBefore, about), offset };
    const number = group.headed ? this.#line(row, 0, linesBefore, about).number : 0;
    return { ...EMPTY, kind: "group", number, about, text: group.name, group: this.#heading(group), offset, styles };
  }

  /** The job's own text of a row, undefined where it has none. */
  text(index: number): string | undefined {
    const { group, silence, row } = this.#view.at(index);
    if (silence || (group && !group.headed) || this.log.insertAt(row).insert) return undefined;
    return this.log.read(row, Number.MAX_SAFE_INTEGER / 4).text;
  }

  /** Where a line is, or the heading it is folded under; `n` counts from 1. */
  indexOfLine(n: number): number {
    return this.#view.indexOf(this.log.rowOfLine(n));
  }

  /** Where the line is that has the byte at `offset`, or the heading it is folded under. */
  indexOfOffset(offset: number): number {
    return this.#view.indexOf(this.log.rowAt(offset));
  }

  offsetOf(index: number): number {
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

  #line(row: number, limit: number, linesBefore: number, about: boolean): Row {
    const { styles, flags } = this.log;
    const { insert, before } = this.log.insertAt(row);
    if (insert) return { ...EMPTY, ...insert, level: insert.level, kind: insert.kind, styles };
    const number = linesBefore + row + 1 - before;
    return { ...EMPTY, ...this.log.read(row, limit), kind: "line", number, about, level: flags.get(row), styles };
  }

  #heading(group: Group): Heading {
    const { row, end = this.log.count, headed, seq } = group;
    const hidden = this.showing.closed.has(seq) ? Math.max(0, end - row - (headed ? 1 : 0)) : undefined;
    return { group, hidden };
  }

  get #view(): Folded {
    const { closed, silences } = this.showing;
    const groups = this.log.groups.all;
    const heard = this.#next && this.#next.at <= this.log.end;
    if (groups !== this.#groups || closed !== this.#closed || silences !== this.#silences || heard) {
      this.#folded = new Folded(groups, closed, this.#silent(silences));
      this.#groups = groups;
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
