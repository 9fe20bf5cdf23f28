/** A part of the output that doesn't grow any more: its lines while it is in memory, and how many rows they make. */

import type { Turn } from "./groups";
import { Hole, type Stretch } from "./hole";
import type { Marks } from "./marks";
import type { Planned } from "./plan";
import { TerminalLog } from "./terminal_log";

/** Gives the output `[from, to)` in order, as far as one answer of the hub goes. */
export type ReadOutput = (from: number, to: number, signal: AbortSignal) => AsyncIterable<Stretch>;

export class Part {
  /** How many rows it has: about, until it was read once. */
  rows: number;
  log: TerminalLog | undefined;
  /** What groups are made of in it, by its own rows; undefined where that is known about alone. */
  turns: Turn[] | undefined;
  /** How often something was told of it late, which a reading under way doesn't know. */
  told = 0;

  constructor(
    readonly planned: Planned,
    private marks: Marks,
  ) {
    const { at, to, lines } = planned;
    this.rows = lines + marks.of(at, to).filter(({ kind }) => kind === "gap").length;
  }

  /** A part of which everything is known, in the first `rows` rows of a log. */
  static of(log: TerminalLog, planned: Planned, rows: number, marks: Marks): Part {
    const part = new Part(planned, marks);
    log.close();
    part.#take(log, rows);
    return part;
  }

  get size(): number {
    return this.planned.to - this.planned.at;
  }

  /** The row of an offset in it. */
  rowAt(offset: number): number {
    return Math.min(this.log?.rowAt(offset) ?? this.#about(offset), this.rows - 1);
  }

  /** The first row that hadn't begun at an offset in it. */
  rowAfter(offset: number): number {
    return Math.min(this.log?.rowAfter(offset) ?? this.#about(offset), this.rows);
  }

  rowOfLine(n: number): number {
    return Math.min(this.log?.rowOfLine(n) ?? n - 1, this.rows - 1);
  }

  /** Reads it anew; what it finds is for `take`. */
  async read(output: ReadOutput, signal: AbortSignal): Promise<TerminalLog> {
    const { at, to, style } = this.planned;
    const log = new TerminalLog(at, this.marks.layoutAt(at), style);
    for (const mark of this.marks.of(at, to)) log.mark(mark);
    while (log.end < to) {
      const from = log.end;
      for await (const piece of output(from, to, signal)) {
        signal.throwIfAborted();
        await log.append(
          log.end,
          piece instanceof Hole && log.end + piece.length > to ? new Hole(to - log.end) : piece,
        );
      }
      if (log.end === from) throw new Error(`the hub has nothing from ${from} on`);
    }
    return log;
  }

  take(log: TerminalLog): void {
    const rows = log.begun;
    log.close();
    this.#take(log, rows);
  }

  /** Takes over what its lines say of groups; while they aren't in memory that is known about alone. */
  learn(): void {
    this.turns = this.log?.groups.turns.filter(({ at }) => at <= this.planned.to);
  }

  #take(log: TerminalLog, rows: number): void {
    this.log = log;
    this.rows = rows;
    this.learn();
  }

  #about(offset: number): number {
    return Math.floor((this.rows * (offset - this.planned.at)) / this.size);
  }
}
