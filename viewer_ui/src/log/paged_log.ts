/** A log of any size as rows: parts that are read when they are looked at, and the end, which grows. */

import { type Group, groupsOf, TURNS, type Turn } from "./groups";
import { lastWhere } from "./growing";
import type { Stretch } from "./hole";
import { Live } from "./live";
import { belongs, type Mark, type Marks } from "./marks";
import { Part, type ReadOutput } from "./part";
import { PartReader } from "./part_reader";
import type { Plan } from "./plan";
import { EMPTY, type Row } from "./rows";
import type { StyledText, Styles } from "./styles";

/** In bytes of output: how much is kept in memory as lines, beside the end, and from what size on that is cut. */
export const LIMITS = { kept: 24 * 1024 * 1024, large: 1024 * 1024 };

/** What can't be cut is drawn in one part up to this size. */
const OVERGROWN = 32 * 1024 * 1024;

/** Where an offset or a row is: in which part, undefined for the end, and how many rows come before that. */
interface Place {
  part: Part | undefined;
  before: number;
}

export class PagedLog {
  /** Grows when rows have moved otherwise than by more coming at the end. */
  version = 0;
  onChange: () => void = () => {};
  /** Is given a change after which the rows from `row` on have moved, and makes it. */
  around: (row: number, change: () => void) => void = (_, change) => change();
  #parts: Part[];
  /** How many rows come before each part, and before the end. */
  #starts: number[] = [0];
  #live: Live;
  #reader: PartReader;
  /** Parts in memory, those looked at last at the end. */
  #kept = new Set<Part>();
  #groups: { live: Group[]; version: number; all: Group[] } | undefined;

  /** `known` are parts of another log of this output: what is known of them stays known. */
  constructor(
    private marks: Marks,
    output: ReadOutput,
    { parts, last }: Plan,
    known: Part[] = [],
    private limits = LIMITS,
  ) {
    const same = new Map(known.map((part) => [`${part.planned.at} ${part.planned.to}`, part]));
    this.#parts = parts.map((planned) => same.get(`${planned.at} ${planned.to}`) ?? new Part(planned, marks));
    for (const part of this.#parts) if (part.log) this.#kept.add(part);
    this.#live = new Live(marks, last.at, last.line, last.style, limits.large, (part) => this.#add(part));
    this.#reader = new PartReader(
      (part, signal) => this.#read(part, output, signal),
      () => this.onChange(),
    );
    this.#count();
  }

  get start(): number {
    return this.#parts[0]?.planned.at ?? this.#live.log.start;
  }

  get end(): number {
    return this.#live.log.end;
  }

  get count(): number {
    return this.#before + this.#live.log.count;
  }

  /** How many rows will not change any more. */
  get final(): number {
    return this.#before + this.#live.log.final;
  }

  get overgrown(): boolean {
    return this.end - this.#live.log.start > OVERGROWN;
  }

  /** The number of the last line. */
  get lines(): number {
    const { count, inserted } = this.#live.log;
    return this.#live.line + count - inserted;
  }

  /** How many lines come before the first. */
  get linesBefore(): number {
    return this.#parts[0]?.planned.line ?? this.#live.line;
  }

  get parts(): Part[] {
    return this.#parts;
  }

  get styles(): Styles {
    return this.#live.log.styles;
  }

  /** What a program that draws on the alternate screen shows. */
  get alternate(): StyledText[] {
    return this.#live.log.alternate;
  }

  /** The ranges of output that were damaged when they were read. */
  get holes(): [number, number][] {
    const logs = [...this.#parts.map(({ log }) => log), this.#live.log];
    const holes = logs.flatMap((log) => log?.inserts.filter(({ kind }) => kind === "hole") ?? []);
    return holes.map(({ at, bytes }) => [at, at + bytes]);
  }

  /** In the order in which they begin. */
  get groups(): Group[] {
    const live = this.#live.log.groups.all;
    if (this.#groups?.live !== live || this.#groups.version !== this.version) {
      this.#groups = { live, version: this.version, all: groupsOf(this.#turns()) };
    }
    return this.#groups.all;
  }

  /** False when the whole has to be read again to show the mark in its place. */
  mark(mark: Mark): boolean {
    const i = this.#parts.findIndex(({ planned: { at, to } }) => belongs(mark, at, to));
    if (i < 0) return this.#live.mark(mark);
    const last = mark.kind === "resize" ? this.#parts.length : i + 1;
    for (const part of this.#parts.slice(i, last)) this.#tell(part, mark);
    this.version++;
    return true;
  }

  append(at: number, data: Stretch): Promise<void> {
    return this.#live.append(at, data);
  }

  /** What is at a row; one that isn't in memory is "loading", and asked for. */
  row(index: number, limit: number): Row {
    const { part, before } = this.#ofRow(index);
    if (!part) return this.#live.log.row(index - before, limit, this.#live.line);
    const { line } = part.planned;
    if (part.log) {
      this.#kept.delete(part);
      this.#kept.add(part);
      return part.log.row(index - before, limit, line);
    }
    this.#reader.want(part);
    return { ...EMPTY, kind: "loading", number: line + index - before + 1, styles: this.styles };
  }

  /** Resolves when the rows from `first` up to `last` are in memory, as far as there is room for them. */
  async load(first: number, last: number): Promise<void> {
    for (let row = first; row < last; ) {
      const { part, before } = this.#ofRow(row);
      if (!part) return;
      if (!part.log) await this.#reader.need(part);
      row = before + part.rows;
    }
  }

  /** The row of a line, counted from 1. */
  rowOfLine(n: number): number {
    const { log, line } = this.#live;
    const i = n > line ? this.#parts.length : lastWhere(this.#parts.length, (i) => this.#planned(i).line < n);
    const part = this.#parts[i];
    return this.#start(i) + (part ? part.rowOfLine(n - part.planned.line) : log.rowOfLine(n - line));
  }

  /** The row of the byte at an offset. */
  rowAt(offset: number): number {
    const { part, before } = this.#ofOffset(offset);
    return before + (part ?? this.#live.log).rowAt(offset);
  }

  /** The first row that hadn't begun at an offset. */
  rowAfter(offset: number): number {
    const { part, before } = this.#ofOffset(offset);
    return before + (part ?? this.#live.log).rowAfter(offset);
  }

  /** Where the line of a row begins in the output, undefined while that isn't known. */
  offsetOf(row: number): number | undefined {
    const { part, before } = this.#ofRow(row);
    return (part ? part.log : this.#live.log)?.offsetOf(row - before);
  }

  /** The row where a note stands, or the line it tells of: about, where that isn't in memory. */
  rowOfNote(seq: number): number | undefined {
    const note = this.marks.all.find((mark) => mark.kind === "note" && mark.seq === seq);
    const i = note ? this.#parts.findIndex(({ planned: { at, to } }) => belongs(note, at, to)) : -1;
    const part = this.#parts[i];
    if (!note || !part) return this.#after(this.#live.log.rowOfNote(seq));
    return this.#start(i) + Math.min(part.log?.rowOfNote(seq) ?? part.rowAt(note.at), part.rows - 1);
  }

  /** Reads nothing more. */
  stop(): void {
    this.#reader.stop();
  }

  get #before(): number {
    return this.#start(this.#parts.length);
  }

  #after(row: number | undefined): number | undefined {
    return row === undefined ? undefined : this.#before + row;
  }

  #start(i: number): number {
    return this.#starts[i] ?? 0;
  }

  #planned(i: number): Part["planned"] {
    return (this.#parts[i] as Part).planned;
  }

  #ofRow(row: number): Place {
    const i = lastWhere(this.#starts.length, (i) => this.#start(i) <= row);
    return { part: this.#parts[i], before: this.#start(i) };
  }

  #ofOffset(offset: number): Place {
    const live = offset >= this.#live.log.start;
    const i = live ? this.#parts.length : lastWhere(this.#parts.length, (i) => this.#planned(i).at <= offset);
    return { part: this.#parts[i], before: this.#start(i) };
  }

  #count(): void {
    let rows = 0;
    this.#starts = [0, ...this.#parts.map((part) => (rows += part.rows))];
    this.version++;
  }

  /** What was cut off the end. */
  #add(part: Part): void {
    this.#starts.push(this.#before + part.rows);
    this.#parts.push(part);
    this.version++;
    this.#keep(part);
  }

  async #read(part: Part, output: ReadOutput, signal: AbortSignal): Promise<void> {
    const { told } = part;
    const log = await part.read(output, signal);
    if (part.told !== told) return this.#read(part, output, signal);
    const i = this.#parts.indexOf(part);
    this.around(this.#start(i + 1), () => {
      part.take(log);
      this.#count();
    });
    this.#keep(part);
    this.onChange();
  }

  /** Keeps a part in memory, and no more of the others than there is room for. */
  #keep(part: Part): void {
    this.#kept.delete(part);
    this.#kept.add(part);
    let size = 0;
    for (const { size: more } of this.#kept) size += more;
    for (const other of this.#kept) {
      if (size <= this.limits.kept || other === part) return;
      size -= other.size;
      this.#forget(other);
    }
  }

  #forget(part: Part): void {
    part.log = undefined;
    this.#kept.delete(part);
  }

  /** A mark that comes late: what takes a row of its own is shown when the part is read again. */
  #tell(part: Part, mark: Mark): void {
    part.told++;
    const moves = mark.kind === "resize" || mark.kind === "gap";
    const count = part.log?.count;
    if (!moves) part.log?.mark(mark);
    if (aboutOf(mark, part).length) part.learn();
    if (moves || part.log?.count !== count) this.#forget(part);
  }

  /** What groups are made of: of parts that were never read, about where it is. */
  #turns(): Turn[] {
    const live = this.#live.log.groups.turns.map((turn) => ({ ...turn, row: this.#before + turn.row }));
    if (!this.marks.all.some(({ kind }) => kind === "group")) return live;
    const parts = this.#parts.flatMap((part, i) => {
      const turns =
        part.turns ?? this.marks.of(part.planned.at, part.planned.to).flatMap((mark) => aboutOf(mark, part));
      return turns.map((turn) => ({ ...turn, row: this.#start(i) + turn.row }));
    });
    return [...parts, ...live].slice(0, TURNS);
  }
}

function aboutOf(mark: Mark, part: Part): Turn[] {
  if (mark.kind === "resize" || mark.kind === "gap") return [];
  const where = { at: mark.at, seq: mark.seq, t: mark.t, row: part.rowAfter(mark.at) };
  if (mark.kind === "exit") return [{ ...where, kind: "exit", failed: mark.failed }];
  if (mark.kind === "note") return mark.level === "error" ? [{ ...where, kind: "error" }] : [];
  const { name } = mark;
  return [mark.open ? { ...where, kind: "open", name, headed: false } : { ...where, kind: "close", name }];
}
