/** On which row of a log an offset of its output was written, for events that come later than the output. */

const NEWLINE = 10;

/** Output of this much is kept to look offsets up exactly; before that, the row is the one where its piece began. */
const KEPT = 1024 * 1024;
const COARSE = 64 * 1024;

interface Piece {
  at: number;
  data: Uint8Array;
  /** The row of its first byte, and of what follows it. */
  row: number;
  after: number;
}

export class Places {
  #past: { at: number; row: number }[] = [];
  #pieces: Piece[] = [];
  #kept = 0;

  took(piece: Piece): void {
    this.#pieces.push(piece);
    this.#kept += piece.data.length;
    while (this.#kept > KEPT && this.#pieces.length > 1) this.#forget(this.#pieces.shift() as Piece);
  }

  /** The first row that hadn't begun when the output had come to `offset`. */
  rowAfter(offset: number): number {
    const piece = this.#pieces.findLast(({ at }) => at < offset);
    if (!piece) return this.#past.findLast(({ at }) => at <= offset)?.row ?? 0;
    const begun = piece.data.subarray(0, offset - piece.at);
    const midway = begun.at(-1) === NEWLINE ? 0 : 1;
    return Math.min(piece.row + newlines(begun), piece.after) + midway;
  }

  #forget({ at, data, row }: Piece): void {
    this.#kept -= data.length;
    const last = this.#past.at(-1);
    if (!last || at - last.at >= COARSE) this.#past.push({ at, row });
  }
}

function newlines(data: Uint8Array): number {
  let n = 0;
  for (let at = data.indexOf(NEWLINE); at >= 0; at = data.indexOf(NEWLINE, at + 1)) n++;
  return n;
}
