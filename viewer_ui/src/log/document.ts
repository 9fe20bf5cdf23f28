/**
 * The rows a reader sees: the end of the output first, then all of it.
 *
 * A late visitor is shown the tail at once while what comes before is read: from the first byte, or, of a large run, from
 * where its last part begins. Until that has caught up, the rows are [all before, as far as it is read] [loading] [the
 * tail]; then all of it alone.
 */

import { Hole, type Stretch } from "./hole";
import { type Mark, Marks } from "./marks";
import { PagedLog } from "./paged_log";
import type { ReadOutput } from "./part";
import { type Entry, planOf, WHOLE } from "./plan";
import { EMPTY, type Row } from "./rows";
import { type Layout, screenful } from "./segments";
import { type Showing, ShownLog, type Silent } from "./shown_log";
import { type FetchMarks, Timing, type Written } from "./timing";

export type { Row } from "./rows";

/** The most notes drawn: they are kept, and anybody may send them. */
const NOTES = 1000;

/** How long nothing must have been written for it to be said, in seconds. */
const SILENCE = 60;

/** The most characters given as text at once. */
const TEXT = 20_000_000;

/** What a reader's place must follow: rows from `at` on have moved by `by`. */
export type Shift = (at: number, by: number) => void;

/** Where a document reads what it doesn't hold. */
export interface Source {
  output: ReadOutput;
  timing: FetchMarks;
}

const NOWHERE: Source = {
  async *output() {},
  timing: async (from) => ({ marks: [], to: from }),
};

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
  #marks: Marks;
  #notes = 0;
  #showing: Showing = { closed: new Set(), silences: [] };
  #timing: Timing;
  /** At which row text is being put together, and up to which. */
  #copies = new Set<{ row: number; last: number }>();
  /** Who waits for what lies between the head and the tail. */
  #waiting: { resolve: () => void; reject: (error: Error) => void }[] = [];
  #output: ReadOutput = (from, to, signal) => this.source.output(from, to, signal);

  /** `start` is the offset of the first byte shown, `linesBefore` about how many lines come before it. */
  constructor(
    layout: Layout,
    start = 0,
    linesBefore = 0,
    private source: Source = NOWHERE,
  ) {
    this.#marks = new Marks(layout);
    this.#timing = new Timing(
      (from, to) => source.timing(from, to),
      () => this.onChange(),
    );
    this.#shown = this.#tailFrom(start, linesBefore);
  }

  /** The offset up to which output is shown. */
  get end(): number {
    return this.#shown.log.end;
  }

  /** The offset from which on output is taken by `append`. */
  get start(): number {
    return this.#shown.log.start;
  }

  /** Whether the end has become so large that it should be read anew by the hub's index. */
  get overgrown(): boolean {
    return this.#shown.log.overgrown;
  }

  /** Whether every byte from the first on is shown. */
  get whole(): boolean {
    return this.#shown.log.start === 0;
  }

  get lines(): number {
    return this.#shown.log.lines;
  }

  /** The ranges that the last reading had to leave out. */
  get holes(): [number, number][] {
    return (this.#whole ?? this.#shown).log.holes;
  }

  get count(): number {
    return this.#tailAt + this.#shown.count + this.#shown.log.alternate.length;
  }

  row(index: number, limit: number): Row {
    const row = this.#row(index, limit);
    const written = row.offset === undefined ? undefined : this.#timing.known(row.offset);
    return written ? { ...row, time: written[1], fd: descriptor(written) } : row;
  }

  /** The row of a line, counted from 1; the one that says "loading" where it is not read yet. */
  rowOfLine(n: number): number {
    if (n > this.#shown.log.linesBefore) return this.#tailAt + this.#shown.indexOfLine(n);
    return this.#headRow((whole) => (n > whole.log.lines ? undefined : whole.indexOfLine(n)));
  }

  /** The row of the byte at an offset; likewise. */
  rowOfOffset(at: number): number {
    if (at >= this.#shown.log.start) return this.#tailAt + this.#shown.indexOfOffset(Math.min(at, this.end));
    return this.#headRow((whole) => (at >= whole.log.end ? undefined : whole.indexOfOffset(at)));
  }

  /** Where the line of a row, or the next one, begins in the output; undefined while that isn't known. */
  offsetOf(row: number): number | undefined {
    const tail = row - this.#tailAt;
    if (tail >= 0) return tail < this.#shown.count ? this.#shown.offsetOf(tail) : undefined;
    return row < this.#headRows ? this.#whole?.offsetOf(row) : undefined;
  }

  /** When a row was written, in seconds since the run's start; what isn't known yet is asked for, see `onChange`. */
  timeOf(row: number): number | undefined {
    return this.#written(row)?.[1];
  }

  /** To which descriptor a row was written; likewise. */
  fdOf(row: number): 1 | 2 | undefined {
    const written = this.#written(row);
    return written && descriptor(written);
  }

  /** Resolves when the rows from `first` up to `last` are read, as far as there is room for them; may fail. */
  async load(first: number, last: number): Promise<void> {
    const border = this.#headRows;
    if (!this.whole && first <= border && border < last) await this.#swapped();
    else if (first < border) await this.#whole?.load(first, Math.min(last, border));
    else await this.#shown.load(first - this.#tailAt, last - this.#tailAt);
  }

  /** The job's own text of the rows from `first` up to `last`, a line each: at most 20 million characters. */
  async text(first: number, last: number): Promise<string> {
    const copy = { row: Math.max(0, first), last };
    this.#copies.add(copy);
    try {
      return await this.#textOf(copy);
    } finally {
      this.#copies.delete(copy);
    }
  }

  /** From which offsets on there was output again after a silence. */
  set silences(silences: Silent[]) {
    const known = new Set(this.#showing.silences.map(({ at }) => at));
    this.#showing.silences = silences.filter(({ seconds }) => seconds >= SILENCE).toSorted((a, b) => a.at - b.at);
    for (const { at } of this.#showing.silences) {
      const index = known.has(at) ? undefined : this.#indexOfSilence(at);
      this.#shift(index, 1);
    }
    this.onChange();
  }

  async append(at: number, data: Stretch): Promise<void> {
    await this.#shown.log.append(at, data);
    this.onChange();
  }

  /** Shows the tail from `start` on, before which there are so many lines, after all that was shown before. */
  leap(start: number, linesBefore: number): void {
    this.#whole?.log.stop();
    this.#giveUp();
    if (this.whole) {
      this.#whole = this.#shown;
      this.#head = this.#whole.log.count;
    }
    this.#shown = this.#tailFrom(start, linesBefore);
    this.onChange();
  }

  /**
   * Begins to read all that comes before the tail, beside what is shown: by the hub's index, or from byte 0. What
   * another such reading has drawn is let go. Returns the offset from which output is wanted.
   */
  beginWhole(index: Entry[] = []): number {
    const plan = index.length ? planOf(index, screenful(this.#marks.tallest)) : WHOLE;
    const old = (this.#whole ?? this.#shown).log;
    const before = this.#headRows;
    this.#whole?.log.stop();
    this.#whole = this.#logOf(new PagedLog(this.#marks, this.#output, plan, old.parts));
    const { log } = this.#whole;
    this.#grow(before, log.end < this.start ? log.final : log.rowAt(this.start));
    return plan.last.at;
  }

  async appendWhole(at: number, data: Stretch): Promise<void> {
    const log = this.#whole?.log;
    if (!log) return;
    const border = this.#shown.log.start - at;
    if (log.end < this.#shown.log.start) {
      await log.append(at, data instanceof Hole ? data : data.subarray(0, border));
      // Another reading may have taken its place meanwhile.
      if (log !== this.#whole?.log) return;
      this.#grow(this.#headRows, log.end < this.#shown.log.start ? log.final : log.count);
    }
    if (border < data.length) await log.append(at, data);
  }

  /** Shows all instead, once it has what the tail has. Rows keep their distance from the end, those before a hole their place. */
  swap(): void {
    if (!this.#whole) return;
    const before = this.count;
    const [hole] = this.#shown.log.holes;
    const at = this.whole && hole ? this.#shown.indexOfOffset(hole[1]) : this.#headRows;
    this.#shown = this.#whole;
    this.#whole = undefined;
    this.#head = 0;
    this.#shift(at, this.count - before);
    for (const { resolve } of this.#waiting.splice(0)) resolve();
    this.onChange();
  }

  /** Reads nothing more. */
  stop(): void {
    this.#giveUp();
    for (const shown of [this.#shown, this.#whole]) shown?.log.stop();
  }

  /** False when the whole has to be read again to show the mark in its place. */
  mark(mark: Mark): boolean {
    if (mark.kind === "note" && ++this.#notes > NOTES) return true;
    if (mark.kind === "gap") this.#countGap(mark.bytes);
    this.#marks.add(mark);
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
    const closed = new Set(this.#showing.closed);
    if (!closed.delete(seq)) closed.add(seq);
    this.#showing.closed = closed;
    this.#shift(index + 1, this.count - before);
    this.onChange();
  }

  /** Where a note stands, or the line it tells of, as far as that is shown; what it is folded away in is unfolded. */
  indexOfNote(seq: number): number | undefined {
    let index = this.#indexOfNote(seq);
    while (index !== undefined && this.row(index, 0).group?.hidden) {
      this.toggle(index);
      index = this.#indexOfNote(seq);
    }
    return index;
  }

  #indexOfNote(seq: number): number | undefined {
    const tail = this.#shown.indexOfNote(seq);
    if (tail !== undefined) return this.#tailAt + tail;
    const head = this.#whole?.indexOfNote(seq);
    return head !== undefined && head < this.#headRows ? head : undefined;
  }

  #tailFrom(start: number, line: number): ShownLog {
    return this.#logOf(new PagedLog(this.#marks, this.#output, { parts: [], last: { at: start, line, style: "" } }));
  }

  #logOf(log: PagedLog): ShownLog {
    const shown = new ShownLog(log, this.#showing);
    log.onChange = () => this.onChange();
    shown.onShift = (at, by, rows) => {
      if (shown === this.#whole) this.#head += rows;
      this.#shift(shown === this.#shown ? this.#tailAt + at : at, by);
    };
    return shown;
  }

  /** The rows of the whole that are shown before the tail. */
  get #headRows(): number {
    return this.#whole ? this.#whole.countOf(this.#head) : 0;
  }

  /** The row that is found in the whole, if it is shown there, else the one behind, which says "loading". */
  #headRow(find: (whole: ShownLog) => number | undefined): number {
    const found = this.#whole && find(this.#whole);
    return Math.min(found ?? this.#headRows, this.#headRows);
  }

  /** Where the rows of what is shown begin, after those read so far and the one that says "loading". */
  get #tailAt(): number {
    return this.whole ? 0 : this.#headRows + 1;
  }

  #countGap(bytes: number): void {
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
    if (at === undefined || !by) return;
    for (const copy of this.#copies) {
      if (copy.row > at) copy.row += by;
      if (copy.last > at) copy.last += by;
    }
    this.onShift(at, by);
  }

  /** Shows the first `head` rows of the whole, where so many rows of it were shown. */
  #grow(before: number, head: number): void {
    this.#head = head;
    this.#shift(before, this.#headRows - before);
    this.onChange();
  }

  #alternateRow(index: number): Row {
    return { ...EMPTY, kind: "screen", styles: this.#shown.log.styles, ...this.#shown.log.alternate[index] };
  }

  #indexOfSilence(at: number): number | undefined {
    const tail = this.#shown.indexOfSilence(at);
    if (tail !== undefined) return this.#tailAt + tail;
    const head = this.#whole?.indexOfSilence(at);
    return head !== undefined && head < this.#headRows ? head : undefined;
  }

  #row(index: number, limit: number): Row {
    const tail = index - this.#tailAt;
    if (tail >= this.#shown.count) return this.#alternateRow(tail - this.#shown.count);
    if (tail >= 0) return { ...this.#shown.row(tail, limit), about: !this.whole };
    if (index < this.#headRows && this.#whole) return this.#whole.row(index, limit);
    return { ...EMPTY, kind: "loading", styles: this.#shown.log.styles };
  }

  async #textOf(copy: { row: number; last: number }): Promise<string> {
    const lines: string[] = [];
    let length = 0;
    for (; copy.row < Math.min(copy.last, this.count) && length < TEXT; copy.row++) {
      while (this.row(copy.row, 0).kind === "loading") await this.load(copy.row, copy.row + 1);
      const line = this.#text(copy.row);
      if (line === undefined) continue;
      lines.push(line);
      length += line.length + 1;
    }
    return lines.join("\n").slice(0, TEXT);
  }

  #swapped(): Promise<void> {
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  /** Whoever waits for rows that will not come where they were is told so. */
  #giveUp(): void {
    for (const { reject } of this.#waiting.splice(0)) reject(new Error("what comes between is not read any more"));
  }

  #text(index: number): string | undefined {
    const tail = index - this.#tailAt;
    if (tail >= this.#shown.count) return this.#alternateRow(tail - this.#shown.count).text;
    return tail >= 0 ? this.#shown.text(tail) : this.#whole?.text(index);
  }

  #written(row: number): Written | undefined {
    const offset = this.offsetOf(row);
    return offset === undefined ? undefined : this.#timing.of(offset);
  }
}

function descriptor([, , fd]: Written): 1 | 2 {
  return fd === 2 ? 2 : 1;
}
