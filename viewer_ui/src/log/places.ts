/**
 * On which row of a log an offset of its output was written, and where the line of a row begins.
 *
 * A newline is a row, but where the emulator says otherwise: bars that go up, what is redrawn. So the newlines are kept,
 * and the pieces that moved the cursor by another number of rows than they have of them.
 */

import { Growing, lastWhere, words } from "./growing";

const NEWLINE = 10;

/** The most turns kept: of more, every other one is forgotten. */
const TURNS = 10_000;

/** From an offset on: how many newlines came before, on which row it is, and how many rows had begun before. */
interface Turn {
  at: number;
  lines: number;
  row: number;
  begun: number;
}

export class Places {
  /** Where the lines after the first begin, counted from `start`. */
  #begins = new Growing(words);
  #turns: Turn[] = [{ at: 0, lines: 0, row: 0, begun: 0 }];

  constructor(private start: number) {}

  /** The newlines there have been. */
  get lines(): number {
    return this.#begins.length;
  }

  /** Output at an offset was written, which led the cursor from one row to another. */
  took(at: number, data: Uint8Array, row: number, after: number): void {
    const [from, lines] = [at - this.start, this.lines];
    if (this.#rowOf(this.#turns.length - 1, lines) !== row) this.#turn({ at: from, lines, row, begun: 0 });
    for (let end = data.indexOf(NEWLINE); end >= 0; end = data.indexOf(NEWLINE, end + 1))
      this.#begins.push(from + end + 1);
    if (row + this.lines - lines === after) return;
    this.#turn({ at: from, lines, row, begun: 0 });
    this.#turn({ at: from + data.length, lines: this.lines, row: after, begun: 0 });
  }

  /** The first row that hadn't begun at `offset`. */
  rowAfter(offset: number): number {
    const at = offset - this.start;
    const lines = this.#linesUpTo(at);
    const midway = at > 0 && this.#begins.array[lines - 1] !== at ? 1 : 0;
    return (
      this.#rowOf(
        this.#lastTurn((turn) => turn.at < at),
        lines,
      ) + midway
    );
  }

  /** The row of the byte at `offset`. */
  rowAt(offset: number): number {
    const at = offset - this.start;
    return this.#rowOf(
      this.#lastTurn((turn) => turn.at <= at),
      this.#linesUpTo(at),
    );
  }

  /** Where the line of a row began. */
  offsetOf(row: number): number {
    const i = this.#lastTurn((turn) => turn.begun <= row);
    const turn = this.#turns[i] as Turn;
    const next = this.#turns[i + 1];
    let lines = turn.lines + Math.max(0, row - turn.row);
    // What goes up and down comes to its last rows at the end.
    if (next && next.row - turn.row < next.lines - turn.lines) lines = Math.max(lines, next.lines - (next.row - row));
    lines = Math.min(lines, next?.lines ?? this.lines);
    return this.start + (lines ? (this.#begins.array[lines - 1] ?? 0) : 0);
  }

  #turn(turn: Turn): void {
    const last = this.#turns.at(-1) as Turn;
    if (last.at === turn.at && last.row === turn.row) return;
    if (this.#turns.length >= TURNS) this.#turns = this.#turns.filter((_, i) => i % 2 === 0);
    // Of what goes up and down nothing but where it came to is known to be begun.
    const reached = Math.min(last.row + turn.lines - last.lines, Math.max(last.row, turn.row));
    this.#turns.push({ ...turn, begun: Math.max(last.begun, reached + 1) });
  }

  /** The row after so many newlines, from a turn on: no further than the next one says. */
  #rowOf(i: number, lines: number): number {
    const turn = this.#turns[i] as Turn;
    return Math.min(turn.row + lines - turn.lines, this.#turns[i + 1]?.row ?? Number.POSITIVE_INFINITY);
  }

  #linesUpTo(at: number): number {
    const { array } = this.#begins;
    const first = array[0] ?? 0;
    return this.lines && first <= at ? lastWhere(this.lines, (i) => (array[i] ?? 0) <= at) + 1 : 0;
  }

  #lastTurn(before: (turn: Turn) => boolean): number {
    return lastWhere(this.#turns.length, (i) => before(this.#turns[i] as Turn));
  }
}
