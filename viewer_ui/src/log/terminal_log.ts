/** A run's output from one offset on, as lines: the final ones in a store, those on the screen still changing. */

import { Emulator } from "./emulator";
import { Hole, type Stretch } from "./hole";
import { breathe } from "./pace";
import { type Layout, screenful, segments } from "./segments";
import { LineStore, type StoredLine } from "./store";
import { join, type StyledText, Styles } from "./styles";

const NEWLINE = 10;

/** Output is taken in slices of this size, between which the browser may draw. */
const SLICE = 64 * 1024;

/** What happened at offset `at`: the terminal got another size, output was not recorded, something was said. */
export type Mark =
  | { at: number; kind: "resize"; cols: number; rows: number }
  | { at: number; kind: "gap"; bytes: number }
  | { at: number; kind: "note"; text: string };

/** A row of ours among the job's: what is missing there, or what was said. */
export interface Insert {
  kind: "gap" | "hole" | "note";
  at: number;
  bytes: number;
  text: string;
}

const NOTHING: StyledText = { text: "", runs: [] };

export class TerminalLog {
  readonly styles = new Styles();
  /** The rows of ours that have their place, in order. */
  readonly inserts: (Insert & { line: number })[] = [];
  /** The offset up to which output has been taken. */
  end: number;
  #store = new LineStore();
  #emulator: Emulator;
  #marks: Mark[] = [];
  /** Notes that wait for the end of a line, and meanwhile stand below the screen. */
  #notes: Insert[] = [];
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
  async append(at: number, data: Stretch): Promise<void> {
    if (at > this.end) throw new RangeError(`output from ${at} can't follow output up to ${this.end}`);
    if (data instanceof Hole) return this.#skip(at + data.length);
    while (this.end < at + data.length) {
      const next = this.#marks[0]?.at ?? Number.POSITIVE_INFINITY;
      const piece = data.subarray(this.end - at, Math.min(this.end + SLICE, next) - at);
      this.#write(this.#notes.length ? firstLine(piece) : piece);
      this.#applyMarks();
      await breathe();
    }
  }

  /** Applies the mark at its offset, a late note at the end; false when a gap comes too late. */
  mark(mark: Mark): boolean {
    if (mark.kind === "note" && mark.at < this.start) return true;
    if (mark.kind === "gap" && mark.at < this.end) return mark.at < this.start;
    this.#marks.push(mark);
    this.#marks.sort((a, b) => a.at - b.at);
    this.#applyMarks();
    return true;
  }

  /** How many rows there are, ours included. */
  get count(): number {
    return this.#noted + this.#notes.length;
  }

  /** How many of them are ours. */
  get inserted(): number {
    return this.inserts.length + this.#notes.length;
  }

  /** The row of ours at `index` if it is one, and how many of ours come before. */
  insertAt(index: number): { insert: Insert | undefined; before: number } {
    const waiting = index - this.#noted;
    if (waiting >= 0) return { insert: this.#notes[waiting], before: this.inserts.length + waiting };
    let before = this.inserts.length;
    while (before > 0 && (this.inserts[before - 1]?.line ?? 0) >= index) before--;
    const insert = this.inserts[before];
    return { insert: insert?.line === index ? insert : undefined, before };
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

  /** Where the notes begin that wait. */
  get #noted(): number {
    return this.#store.count + this.#openAlone + this.screen.lines.length;
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
      else if (mark.kind === "gap") this.#gap(mark.bytes);
      else this.#notes.push({ ...mark, bytes: 0 });
    }
    this.#placeNotes();
  }

  /** A note doesn't disturb what is being drawn: it stands where a line has ended and nothing can change any more. */
  #placeNotes(): void {
    if (!this.#notes.length || !this.#emulator.settled()) return;
    this.#emulator.clear();
    this.#put();
  }

  #resize(cols: number, rows: number): void {
    this.layout = { ...this.layout, cols, rows };
    this.#emulator.resize(cols, rows);
    this.#changed();
  }

  /** A terminal's state before a hole says nothing about what follows it. */
  #gap(bytes: number): void {
    this.#emulator.reset();
    this.#put({ kind: "gap", at: this.end, bytes, text: "" });
  }

  /** Goes on at `to`, with what is between missing. */
  #skip(to: number): void {
    if (to <= this.end) return;
    this.#emulator.turn();
    this.#put({ kind: "hole", at: this.end, bytes: to - this.end, text: "" });
    this.end = to;
    this.#applyMarks();
  }

  /** Rows of ours after all that was drawn, which has left the screen: the notes that wait, and `row`. */
  #put(...row: Insert[]): void {
    if (this.#store.open) this.#store.end();
    for (const insert of [...this.#notes.splice(0), ...row]) {
      this.inserts.push({ ...insert, line: this.#store.count });
      this.#store.end();
    }
    this.#changed();
  }

  #changed(): void {
    this.#screen = undefined;
    this.#alternate = undefined;
  }
}

/** `data` up to the end of its first line. */
function firstLine(data: Uint8Array): Uint8Array {
  const newline = data.indexOf(NEWLINE);
  return newline < 0 ? data : data.subarray(0, newline + 1);
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
