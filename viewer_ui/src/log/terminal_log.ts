/** A run's output from one offset on, as lines: the final ones in a store, those on the screen still changing. */

import type { Level } from "../progress/fields";
import { Emulator, pieces } from "./emulator";
import { Groups } from "./groups";
import { Hole, type Stretch } from "./hole";
import { opensGroup, saysNote } from "./markers";
import type { Mark, Said } from "./marks";
import { breathe } from "./pace";
import { Places } from "./places";
import { EMPTY, type Row } from "./rows";
import { type Layout, screenful, segments } from "./segments";
import { LineStore, type StoredLine } from "./store";
import { join, type StyledText, Styles } from "./styles";

const NEWLINE = 10;

/** Output is taken in slices of this size, between which the browser may draw. */
const SLICE = 64 * 1024;

/** How far before the place of an event the line is looked for that it tells of. */
const NEAR = 100;

/** The most characters looked at of such a line. */
const MARKER = 1024;

/** A row of ours among the job's: what is missing there, or what was said. */
export interface Insert {
  kind: "gap" | "hole" | "note";
  at: number;
  bytes: number;
  text: string;
  /** Of a note: its number and level. */
  seq?: number;
  level?: Level;
}

const NOTHING: StyledText = { text: "", runs: [] };

export class TerminalLog {
  readonly styles = new Styles();
  /** The rows of ours that have their place, in order. */
  readonly inserts: (Insert & { line: number })[] = [];
  /** The parts of it that have a name. */
  readonly groups = new Groups();
  /** The lines that are themselves what a warning or an error says. */
  readonly flags = new Map<number, Level>();
  /** The offset up to which output has been taken. */
  end: number;
  #store = new LineStore();
  #emulator: Emulator;
  #marks: Mark[] = [];
  /** Notes that wait for the end of a line, and meanwhile stand below the screen. */
  #notes: Insert[] = [];
  /** The rows that notes are about which have no row of their own. */
  #saidAt = new Map<number, number>();
  #places: Places;
  #screen: StyledText[] | undefined;
  #alternate: StyledText[] | undefined;

  /** `style` is the sequence that brings a new terminal to what is in force at `start`. */
  constructor(
    readonly start: number,
    private layout: Layout,
    style = "",
  ) {
    this.end = start;
    this.#places = new Places(start);
    this.#emulator = new Emulator(layout.cols, layout.rows, layout.convertEol, this.styles, this.#store);
    this.#emulator.write(new TextEncoder().encode(style));
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

  /** Whether what follows can't change what there is, if it is plain: nothing is in force, and no note waits. */
  get settled(): boolean {
    return this.#notes.length === 0 && this.#emulator.settled();
  }

  /** All output is in: what is on the screen is final, too, and the terminal isn't needed any more. */
  close(): void {
    this.#emulator.turn();
    this.#put();
    this.#emulator.rest();
  }

  /** Applies the mark at its offset, a late note at the end; false when a gap comes too late. */
  mark(mark: Mark): boolean {
    if (mark.kind !== "gap" && mark.kind !== "resize" && mark.at < this.start) return true;
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

  /** How many rows have begun: the one that the last newline led to hasn't, though it may have a colour. */
  get begun(): number {
    const row = this.rowAfter(this.end);
    return this.count === row + 1 ? row : this.count;
  }

  /** How many newlines there have been. */
  get newlines(): number {
    return this.#places.lines;
  }

  /** How many of the rows are ours. */
  get inserted(): number {
    return this.inserts.length + this.#notes.length;
  }

  /** What is at `index`, of a log before which there are `linesBefore` lines. */
  row(index: number, limit: number, linesBefore: number): Row {
    const { styles, flags } = this;
    const offset = this.offsetOf(index);
    const { insert, before } = this.#insertAt(index);
    if (insert) return { ...EMPTY, ...insert, level: insert.level, kind: insert.kind, offset, styles };
    const number = linesBefore + index + 1 - before;
    return { ...EMPTY, ...this.read(index, limit), kind: "line", number, level: flags.get(index), offset, styles };
  }

  /** The row of ours at `index` if it is one, and how many of ours come before. */
  #insertAt(index: number): { insert: Insert | undefined; before: number } {
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

  /** The row where a note stands, or the line it tells of. */
  rowOfNote(seq: number): number | undefined {
    const waiting = this.#notes.findIndex((note) => note.seq === seq);
    if (waiting >= 0) return this.#noted + waiting;
    return this.#saidAt.get(seq) ?? this.inserts.find((insert) => insert.seq === seq)?.line;
  }

  /** The row of a line, `n` counting from 1; of lines that are not there yet, the last row. */
  rowOfLine(n: number): number {
    let row = Math.max(0, n - 1);
    for (const { line } of this.inserts) if (line <= row) row++;
    return Math.min(row, Math.max(0, this.count - 1));
  }

  /** The row of the byte at an offset that output has come to. */
  rowAt(offset: number): number {
    return Math.min(this.#places.rowAt(offset), Math.max(0, this.count - 1));
  }

  /** The first row that hadn't begun at an offset which output has come to. */
  rowAfter(at: number): number {
    if (at < this.end) return this.#places.rowAfter(at);
    return this.#cursorRow + (this.#emulator.cursor.begun ? 1 : 0);
  }

  /** Where the line of a row began in the output. */
  offsetOf(row: number): number {
    return this.#places.offsetOf(row);
  }

  get screen(): StyledText[] {
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
    const line = this.screen[onScreen] ?? NOTHING;
    if (onScreen > 0 || !this.#store.open || this.#openAlone) return cut(line, 0, limit);
    const head = this.#store.read(index, limit);
    return cut(join(head, line), head.more, limit);
  }

  /** Where the notes begin that wait. */
  get #noted(): number {
    return this.#store.count + this.#openAlone + this.screen.length;
  }

  /** 1 when the line that is open in the store does not go on on the screen. */
  get #openAlone(): number {
    return this.#store.open && !this.#emulator.continues ? 1 : 0;
  }

  #write(data: Uint8Array): void {
    for (const segment of segments(data, this.layout)) {
      if (segment.plain) this.#placed(segment.data, () => this.#writePlain(segment.data));
      else for (const piece of pieces(segment.data)) this.#placed(piece, () => this.#emulator.write(piece));
    }
    this.#changed();
  }

  /** Remembers on which rows `data` was written. */
  #placed(data: Uint8Array, write: () => void): void {
    const row = this.#cursorRow;
    write();
    this.#places.took(this.end, data, row, this.#cursorRow);
    this.end += data.length;
  }

  /** The row that is written to. */
  get #cursorRow(): number {
    return this.#store.count + this.#openAlone + this.#emulator.cursor.line;
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
      this.#apply(mark);
    }
    this.#placeNotes();
  }

  #apply(mark: Mark): void {
    const { at } = mark;
    if (mark.kind === "resize") this.#resize(mark.cols, mark.rows);
    else if (mark.kind === "gap") this.#gap(mark.bytes);
    else if (mark.kind === "note") this.#say(mark);
    else if (mark.kind === "exit") this.groups.add({ ...mark, row: this.rowAfter(at) });
    else this.#turn(mark);
  }

  #turn({ at, seq, t, name, open }: Mark & { kind: "group" }): void {
    const row = this.rowAfter(at);
    const own = open ? this.#lineBefore(row, (line) => opensGroup(line, name)) : undefined;
    const where = { at, seq, t, name, row: own ?? row };
    this.groups.add(open ? { kind: "open", headed: own !== undefined, ...where } : { kind: "close", ...where });
  }

  /** Flags the line that is what was said; else it gets a row of its own, unless it is mere information. */
  #say(note: Said & { at: number }): void {
    const { at, seq, t, level, text, own = level !== "info" } = note;
    const after = this.rowAfter(at);
    if (level === "error") this.groups.add({ kind: "error", at, seq, t, row: after });
    const line = this.#lineBefore(after, (shown, row) => !this.flags.has(row) && saysNote(shown, text));
    if (line !== undefined && level !== "info") this.flags.set(line, level);
    if (line !== undefined || !own) this.#saidAt.set(seq, line ?? Math.max(0, after - 1));
    else this.#notes.push({ kind: "note", at, seq, level, text, bytes: 0 });
  }

  /** The nearest row before `after` whose line is the one meant. */
  #lineBefore(after: number, isIt: (line: string, row: number) => boolean): number | undefined {
    for (let row = after - 1; row >= Math.max(0, after - NEAR); row--) {
      if (isIt(this.read(row, MARKER).text, row)) return row;
    }
    return undefined;
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
