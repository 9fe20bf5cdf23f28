/**
 * The rows a reader sees: the end of the output first, then all of it.
 *
 * A late visitor is shown the tail at once while the whole is read from the first byte. Until that has caught up, the
 * rows are [the whole as far as it is read, up to where the tail begins] [loading] [the tail]; then the whole alone.
 */

import { Hole, type Stretch } from "./hole";
import type { Layout } from "./segments";
import type { StyledText, Styles } from "./styles";
import { type Mark, TerminalLog } from "./terminal_log";

export interface Row extends StyledText {
  kind: "line" | "gap" | "hole" | "note" | "loading" | "screen";
  /** The line's number from 1, 0 for a row that isn't a line; `about` when lines before it are not counted yet. */
  number: number;
  about: boolean;
  /** How many characters of the line are not in `text`. */
  more: number;
  /** The bytes missing at a gap or hole. */
  bytes: number;
  styles: Styles;
}

/** The most notes drawn: they are kept, and anybody may send them. */
const NOTES = 1000;

/** What a reader's place must follow: rows from `at` on have moved by `by`. */
export type Shift = (at: number, by: number) => void;

export class LogDocument {
  onChange: () => void = () => {};
  onShift: Shift = () => {};
  /** What could not be recorded, in all. */
  readonly gaps = { count: 0, bytes: 0 };
  #shown: TerminalLog;
  #whole: TerminalLog | undefined;
  #headRows = 0;
  #marks: Mark[] = [];
  #notes = 0;

  /** `start` is the offset of the first byte shown, `lines` about how many lines come before it. */
  constructor(
    private layout: Layout,
    start = 0,
    private linesBefore = 0,
  ) {
    this.#shown = new TerminalLog(start, layout);
  }

  /** The offset up to which output is shown. */
  get end(): number {
    return this.#shown.end;
  }

  /** Whether every byte from the first on is shown. */
  get whole(): boolean {
    return this.#shown.start === 0;
  }

  get lines(): number {
    return this.#shown.count - this.#shown.inserted + (this.whole ? 0 : this.linesBefore);
  }

  /** The ranges that the last reading had to leave out. */
  get holes(): [number, number][] {
    const { inserts } = this.#whole ?? this.#shown;
    return inserts.filter(({ kind }) => kind === "hole").map(({ at, bytes }) => [at, at + bytes]);
  }

  get count(): number {
    return this.#tailAt + this.#shown.count + this.#shown.alternate.length;
  }

  row(index: number, limit: number): Row {
    const tail = index - this.#tailAt;
    if (tail >= this.#shown.count) return this.#alternateRow(tail - this.#shown.count);
    if (tail >= 0) return lineRow(this.#shown, tail, limit, this.whole ? 0 : this.linesBefore, !this.whole);
    if (index < this.#headRows && this.#whole) return lineRow(this.#whole, index, limit, 0, false);
    return { ...EMPTY, kind: "loading", styles: this.#shown.styles };
  }

  async append(at: number, data: Stretch): Promise<void> {
    await this.#shown.append(at, data);
    this.onChange();
  }

  /** Begins to read the whole from byte 0 beside what is shown; what another such reading has drawn is let go. */
  beginWhole(): void {
    if (this.#headRows) this.#grow(0);
    this.#whole = new TerminalLog(0, this.layout);
    for (const mark of this.#marks) this.#whole.mark(mark);
  }

  async appendWhole(at: number, data: Stretch): Promise<void> {
    const whole = this.#whole;
    if (!whole) return;
    const border = this.#shown.start - at;
    if (whole.end < this.#shown.start) {
      await whole.append(at, data instanceof Hole ? data : data.subarray(0, border));
      this.#grow(whole.end < this.#shown.start ? whole.final : whole.count);
    }
    if (border < data.length) await whole.append(at, data);
  }

  /** Shows the whole instead, once it has all that is shown. Rows keep their distance from the end. */
  swap(): void {
    if (!this.#whole) return;
    const before = this.count;
    this.#shown = this.#whole;
    this.#whole = undefined;
    const at = this.#headRows;
    this.#headRows = 0;
    this.onShift(at, this.count - before);
    this.onChange();
  }

  /** False when the whole has to be read again to show the mark in its place. */
  mark(mark: Mark): boolean {
    if (mark.kind === "note" && ++this.#notes > NOTES) return true;
    if (mark.kind === "gap") this.#count(mark.bytes);
    this.#marks.push(mark);
    const placed = [this.#shown, this.#whole].map((log) => log?.mark(mark) ?? true);
    this.onChange();
    return !placed.includes(false);
  }

  /** Where the rows of what is shown begin, after those read so far and the one that says "loading". */
  get #tailAt(): number {
    return this.whole ? 0 : this.#headRows + 1;
  }

  #count(bytes: number): void {
    this.gaps.count++;
    this.gaps.bytes += bytes;
  }

  #grow(rows: number): void {
    const by = rows - this.#headRows;
    this.onShift(this.#headRows, by);
    this.#headRows = rows;
    this.onChange();
  }

  #alternateRow(index: number): Row {
    return { ...EMPTY, kind: "screen", styles: this.#shown.styles, ...this.#shown.alternate[index] };
  }
}

const EMPTY = { text: "", runs: [], number: 0, about: false, more: 0, bytes: 0 };

function lineRow(log: TerminalLog, index: number, limit: number, linesBefore: number, about: boolean): Row {
  const { styles } = log;
  const { insert, before } = log.insertAt(index);
  if (insert) return { ...EMPTY, kind: insert.kind, bytes: insert.bytes, text: insert.text, styles };
  const number = linesBefore + index + 1 - before;
  return { ...EMPTY, ...log.read(index, limit), kind: "line", number, about, styles };
}
