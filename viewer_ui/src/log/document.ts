/**
 * The rows a reader sees: the end of the output first, then all of it.
 *
 * A late visitor is shown the tail at once while the whole is read from the first byte. Until that has caught up, the
 * rows are [the whole as far as it is read, up to where the tail begins] [loading] [the tail]; then the whole alone.
 */

import { Hole, type Stretch } from "./hole";
import type { Layout } from "./segments";
import { EMPTY, type Row, ShownLog } from "./shown_log";
import { type Mark, TerminalLog } from "./terminal_log";

export type { Row } from "./shown_log";

/** The most notes drawn: they are kept, and anybody may send them. */
const NOTES = 1000;

/** What a reader's place must follow: rows from `at` on have moved by `by`. */
export type Shift = (at: number, by: number) => void;

export class LogDocument {
  onChange: () => void = () => {};
  onShift: Shift = () => {};
  /** Seconds since the run's start, by which what is under way is timed. */
  now: () => number = () => 0;
  /** What could not be recorded, in all. */
  readonly gaps = { count: 0, bytes: 0 };
  #shown: ShownLog;
  #whole: ShownLog | undefined;
  /** How many of the whole's rows are shown before the tail, where nothing is folded. */
  #head = 0;
  #marks: Mark[] = [];
  #notes = 0;
  /** The groups that the reader has folded. */
  #closed: ReadonlySet<number> = new Set();

  /** `start` is the offset of the first byte shown, `lines` about how many lines come before it. */
  constructor(
    private layout: Layout,
    start = 0,
    private linesBefore = 0,
  ) {
    this.#shown = this.#logFrom(start);
  }

  /** The offset up to which output is shown. */
  get end(): number {
    return this.#shown.log.end;
  }

  /** Whether every byte from the first on is shown. */
  get whole(): boolean {
    return this.#shown.log.start === 0;
  }

  get lines(): number {
    const { count, inserted } = this.#shown.log;
    return count - inserted + (this.whole ? 0 : this.linesBefore);
  }

  /** The ranges that the last reading had to leave out. */
  get holes(): [number, number][] {
    const { inserts } = (this.#whole ?? this.#shown).log;
    return inserts.filter(({ kind }) => kind === "hole").map(({ at, bytes }) => [at, at + bytes]);
  }

  get count(): number {
    return this.#tailAt + this.#shown.count + this.#shown.log.alternate.length;
  }

  row(index: number, limit: number): Row {
    const tail = index - this.#tailAt;
    if (tail >= this.#shown.count) return this.#alternateRow(tail - this.#shown.count);
    if (tail >= 0) return this.#shown.row(tail, limit, this.whole ? 0 : this.linesBefore, !this.whole);
    if (index < this.#headRows && this.#whole) return this.#whole.row(index, limit, 0, false);
    return { ...EMPTY, kind: "loading", styles: this.#shown.log.styles };
  }

  async append(at: number, data: Stretch): Promise<void> {
    await this.#shown.log.append(at, data);
    this.onChange();
  }

  /** Begins to read the whole from byte 0 beside what is shown; what another such reading has drawn is let go. */
  beginWhole(): void {
    this.#grow(0);
    this.#whole = this.#logFrom(0);
    for (const mark of this.#marks) this.#whole.log.mark(mark);
  }

  async appendWhole(at: number, data: Stretch): Promise<void> {
    const log = this.#whole?.log;
    if (!log) return;
    const border = this.#shown.log.start - at;
    if (log.end < this.#shown.log.start) {
      await log.append(at, data instanceof Hole ? data : data.subarray(0, border));
      this.#grow(log.end < this.#shown.log.start ? log.final : log.count);
    }
    if (border < data.length) await log.append(at, data);
  }

  /** Shows the whole instead, once it has all that is shown. Rows keep their distance from the end. */
  swap(): void {
    if (!this.#whole) return;
    const before = this.count;
    const at = this.#headRows;
    this.#shown = this.#whole;
    this.#whole = undefined;
    this.#head = 0;
    this.onShift(at, this.count - before);
    this.onChange();
  }

  /** False when the whole has to be read again to show the mark in its place. */
  mark(mark: Mark): boolean {
    if (mark.kind === "note" && ++this.#notes > NOTES) return true;
    if (mark.kind === "gap") this.#count(mark.bytes);
    this.#marks.push(mark);
    const late = mark.kind === "group" && mark.at <= this.end;
    const [head, before] = late ? [this.#headRows, this.#shown.count] : [0, 0];
    const placed = [this.#shown, this.#whole].map((shown) => shown?.log.mark(mark) ?? true);
    if (late) this.#headed(mark.seq, head, before);
    this.onChange();
    return !placed.includes(false);
  }

  /** Folds the group whose heading is at `index`, or unfolds it. */
  toggle(index: number): void {
    const seq = this.row(index, 0).group?.group.seq;
    if (seq === undefined) return;
    const before = this.count;
    const closed = new Set(this.#closed);
    if (!closed.delete(seq)) closed.add(seq);
    this.#closed = closed;
    this.onShift(index + 1, this.count - before);
    this.onChange();
  }

  /** Where a note stands, or the line it tells of, as far as that is shown; what it is folded away in is unfolded. */
  indexOfNote(seq: number): number | undefined {
    let index = this.#shown.indexOfNote(seq);
    while (index !== undefined && this.#shown.row(index, 0, 0, false).group?.hidden) {
      this.toggle(this.#tailAt + index);
      index = this.#shown.indexOfNote(seq);
    }
    return index === undefined ? undefined : this.#tailAt + index;
  }

  #logFrom(start: number): ShownLog {
    return new ShownLog(new TerminalLog(start, this.layout), () => this.#closed);
  }

  /** The rows of the whole that are shown before the tail. */
  get #headRows(): number {
    return this.#head && this.#whole ? this.#whole.countOf(this.#head) : 0;
  }

  /** Where the rows of what is shown begin, after those read so far and the one that says "loading". */
  get #tailAt(): number {
    return this.whole ? 0 : this.#headRows + 1;
  }

  #count(bytes: number): void {
    this.gaps.count++;
    this.gaps.bytes += bytes;
  }

  /** A heading may have come among rows that are read already: those in the head, and those shown. */
  #headed(seq: number, head: number, shown: number): void {
    this.#shift(this.#whole?.indexOfGroup(seq), this.#headRows - head);
    const index = this.#shown.indexOfGroup(seq);
    this.#shift(index === undefined ? undefined : this.#tailAt + index, this.#shown.count - shown);
  }

  #shift(at: number | undefined, by: number): void {
    if (at !== undefined && by) this.onShift(at, by);
  }

  #grow(head: number): void {
    const before = this.#headRows;
    this.#head = head;
    this.#shift(before, this.#headRows - before);
    this.onChange();
  }

  #alternateRow(index: number): Row {
    return { ...EMPTY, kind: "screen", styles: this.#shown.log.styles, ...this.#shown.log.alternate[index] };
  }
}
