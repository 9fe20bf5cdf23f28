/** A run's output from one offset on, as lines: the final ones in a store, those on the screen still changing. */

import { Emulator } from "./emulator";
import { breathe } from "./pace";
import { type Layout, screenful, segments } from "./segments";
import { LineStore, type StoredLine } from "./store";
import { join, type StyledText, Styles } from "./styles";

const NEWLINE = 10;

/** Output is taken in slices of this size, between which the browser may draw. */
const SLICE = 64 * 1024;

/** What happened to the terminal itself at offset `at`: it got another size, or output was lost. */
export type Mark =
  | { at: number; kind: "resize"; cols: number; rows: number }
  | { at: number; kind: "gap"; bytes: number };

const NOTHING: StyledText = { text: "", runs: [] };

export class TerminalLog {
  readonly styles = new Styles();
  /** The lines that stand for missing output, in order. */
  readonly gaps: { line: number; bytes: number }[] = [];
  /** The offset up to which output has been taken. */
  end: number;
  #store = new LineStore();
  #emulator: Emulator;
  #marks: Mark[] = [];
  #screen: { lines: StyledText[]; continues: boolean } | undefined;
  #alternate: StyledText[] | undefined;

  constructor(
    readonly start: number,
    private layout: Layout,
  ) {
    this.end = start;
    this.#emulator = new Emulator(layout.cols, layout.rows, layout.convertEol, this.styles, this.#store);
  }

  /** Takes output from offset `at`; what is there already is skipped. Ends when all of it is in. */
  async append(at: number, data: Uint8Array): Promise<void> {
    if (at > this.end) throw new RangeError(`output from ${at} can't follow output up to ${this.end}`);
    while (this.end < at + data.length) {
      const next = this.#marks[0]?.at ?? Number.POSITIVE_INFINITY;
      this.#write(data.subarray(this.end - at, Math.min(this.end + SLICE, next) - at));
      this.#applyMarks();
      await breathe();
    }
  }

  /** Applies the mark at its offset; false when a gap comes too late for that. */
  mark(mark: Mark): boolean {
    if (mark.kind === "gap" && mark.at < this.end) return mark.at < this.start;
    this.#marks.push(mark);
    this.#marks.sort((a, b) => a.at - b.at);
    this.#applyMarks();
    return true;
  }

  /** How many lines there are, those of gaps included. */
  get count(): number {
    return this.#store.count + this.#openAlone + this.screen.lines.length;
  }

  /** How many of them will not change any more. */
  get final(): number {
    return this.#store.count;
  }

  get screen(): { lines: StyledText[]; continues: boolean } {
    this.#screen ??= this.#emulator.screen();
    return this.#screen;
  }

  /** What a program that draws on the alternate screen shows. */
  get alternate(): StyledText[] {
    this.#alternate ??= this.#emulator.alternate();
    return this.#alternate;
  }

  /** The line at `index`, at most `limit` characters of it. */
  read(index: number, limit: number): StoredLine {
    if (index < this.#store.count) return this.#store.read(index, limit);
    const onScreen = index - this.#store.count - this.#openAlone;
    if (onScreen < 0) return this.#store.read(index, limit);
    const line = this.screen.lines[onScreen] ?? NOTHING;
    if (onScreen > 0 || !this.#store.open || this.#openAlone) return cut(line, 0, limit);
    const head = this.#store.read(index, limit);
    return cut(join(head, line), head.more, limit);
  }

  /** 1 when the line that is open in the store does not go on on the screen. */
  get #openAlone(): number {
    return this.#store.open && !this.screen.continues ? 1 : 0;
  }

  #write(data: Uint8Array): void {
    for (const segment of segments(data, this.layout)) {
      if (segment.plain) this.#writePlain(segment.data);
      else this.#emulator.write(segment.data);
    }
    this.end += data.length;
    this.#changed();
  }

  /** Long plain output pushes everything off the screen: only its last lines need the emulator. */
  #writePlain(data: Uint8Array): void {
    const begun = this.#emulator.settled() ? 0 : data.indexOf(NEWLINE) + 1;
    this.#emulator.write(data.subarray(0, begun));
    let last = begun;
    if (this.#emulator.settled()) {
      last = lastLines(data, screenful(this.layout));
      this.#emulator.clear();
      this.#store.appendLines(data.subarray(begun, last));
    }
    this.#emulator.write(data.subarray(last));
  }

  #applyMarks(): void {
    for (let mark = this.#marks[0]; mark && mark.at <= this.end; mark = this.#marks[0]) {
      this.#marks.shift();
      if (mark.kind === "resize") this.#resize(mark.cols, mark.rows);
      else this.#gap(mark.bytes);
    }
  }

  #resize(cols: number, rows: number): void {
    this.layout = { ...this.layout, cols, rows };
    this.#emulator.resize(cols, rows);
    this.#changed();
  }

  /** A terminal's state before a hole says nothing about what follows it. */
  #gap(bytes: number): void {
    this.#emulator.reset();
    if (this.#store.open) this.#store.end();
    this.gaps.push({ line: this.#store.count, bytes });
    this.#store.end();
    this.#changed();
  }

  #changed(): void {
    this.#screen = undefined;
    this.#alternate = undefined;
  }
}

/** Where the last `n` lines of complete lines begin. */
function lastLines(data: Uint8Array, n: number): number {
  let at = data.length;
  for (let i = 0; i < n && at > 0; i++) at = data.lastIndexOf(NEWLINE, at - 2) + 1;
  return at;
}

function cut(line: StyledText, more: number, limit: number): StoredLine {
  return { text: line.text.slice(0, limit), runs: line.runs, more: more + Math.max(0, line.text.length - limit) };
}
