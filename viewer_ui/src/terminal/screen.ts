/**
 * The exact screen of a job: a terminal of its size, of which nothing is kept but what is in sight.
 *
 * It may begin in the middle of the output. Then every cell is filled with a mark, and what still bears it is unknown:
 * whatever the job has drawn, erased or scrolled since is known.
 */

import type { IBufferCell, Terminal } from "@xterm/headless";
import type { Layout } from "../log/segments";
import { Styles } from "../log/styles";
import { CANCEL, newTerminal, parse } from "../log/xterm";
import { type InForce, onAlternate } from "./in_force";

/** What a terminal gets back, on the screen's becoming higher, of what has left it. */
const SCROLLBACK = 200;

/** A private character that no font has. */
const MARK = "\u{10fffd}";
const MARK_CODE = 0x10fffd;

/** The style of cells that nothing is known of. */
export const UNKNOWN = -1;

/** Some text of one style. One character that may be wider or narrower than the font's others has `cells` columns. */
export interface Piece {
  text: string;
  style: number;
  cells: 0 | 1 | 2;
}

/** What is surely as wide as it should be in every font for terminals. */
const EVEN = /^[\x20-\x7e\u00a1-\u00ac\u00ae-\u00ff]$/;

export class Screen {
  readonly styles = new Styles();
  #terminal: Terminal;
  #cell: IBufferCell;
  /** It was begun in the middle, and the job hasn't said yet where it draws. */
  #adrift = false;

  /** `inForce` where it begins in the middle. */
  constructor(layout: Layout, inForce?: InForce) {
    this.#terminal = newTerminal(layout, SCROLLBACK);
    this.#cell = this.#terminal.buffer.active.getNullCell();
    if (inForce) this.#begin(inForce);
  }

  get cols(): number {
    return this.#terminal.cols;
  }

  get rows(): number {
    return this.#terminal.rows;
  }

  /** Whether the job draws on the alternate screen, as programs do that take the whole of it. */
  get alternate(): boolean {
    return this.#terminal.buffer.active.type === "alternate";
  }

  /** How many cells are unknown. */
  get unknown(): number {
    return Array.from({ length: this.rows }, (_, y) => this.#count(y)).reduce((sum, n) => sum + n, 0);
  }

  /** Where the cursor is, undefined where the job hides it. */
  get cursor(): { x: number; y: number } | undefined {
    return this.#hidden ? undefined : this.place;
  }

  /** Where the job writes. */
  get place(): { x: number; y: number } {
    const { cursorX: x, cursorY: y } = this.#terminal.buffer.active;
    return { x: Math.min(x, this.cols - 1), y };
  }

  write(data: Uint8Array): void {
    const placed = this.#adrift ? placing(data) : -1;
    parse(this.#terminal, placed < 0 ? data : data.subarray(0, placed));
    if (placed < 0) return;
    this.#adrift = false;
    this.#markAgain();
    parse(this.#terminal, data.subarray(placed));
  }

  resize(cols: number, rows: number): void {
    this.#terminal.resize(cols, rows);
  }

  /** Output is missing here: nothing is known any more but which screen the job draws on. */
  forget(): void {
    const modes = this.alternate ? "\x1b[?1049h" : "";
    parse(this.#terminal, CANCEL);
    this.#terminal.reset();
    this.#begin({ style: "", modes });
  }

  /** What is in a row from its left edge, up to the last cell with text or colour. */
  row(y: number): Piece[] {
    const pieces: Piece[] = [];
    for (const cell of this.#cells(y)) add(pieces, this.#piece(cell));
    const last = pieces.at(-1);
    if (last && last.style === 0 && last.cells === 0) last.text = last.text.trimEnd();
    return pieces.filter(({ text }) => text);
  }

  #begin({ style, modes }: InForce): void {
    this.#adrift = true;
    this.#fill();
    if (onAlternate({ modes })) {
      parse(this.#terminal, "\x1b[?47h");
      this.#fill();
    }
    parse(this.#terminal, `${modes}\x1b[${this.rows};1H${style}`);
  }

  /** What was drawn at a guessed place is unknown, too. Style and modes stay. */
  #markAgain(): void {
    const { originMode, insertMode } = this.#terminal.modes;
    parse(this.#terminal, "\x1b7\x1b[?6l\x1b[4l\x1b[m\x1b(B\x0f");
    this.#fill();
    parse(this.#terminal, `\x1b8${originMode ? "\x1b[?6h" : ""}${insertMode ? "\x1b[4h" : ""}`);
  }

  #fill(): void {
    const row = MARK.repeat(this.cols);
    for (let y = 1; y <= this.rows; y++) parse(this.#terminal, `\x1b[${y};1H${row}`);
  }

  #count(y: number): number {
    let marks = 0;
    for (const cell of this.#cells(y)) if (cell.getCode() === MARK_CODE) marks++;
    return marks;
  }

  /** The same object each time. */
  *#cells(y: number): Generator<IBufferCell> {
    const { active } = this.#terminal.buffer;
    const line = active.getLine(active.baseY + y);
    for (let x = 0; x < this.cols; x++) {
      const cell = line?.getCell(x, this.#cell);
      if (cell && cell.getWidth() > 0) yield cell;
    }
  }

  #piece(cell: IBufferCell): Piece {
    if (cell.getCode() === MARK_CODE) return { text: " ", style: UNKNOWN, cells: 0 };
    const text = cell.getChars() || " ";
    const wide = cell.getWidth() === 2 ? 2 : 1;
    return { text, style: this.styles.of(cell), cells: EVEN.test(text) ? 0 : wide };
  }

  get #hidden(): boolean {
    const { _core } = this.#terminal as unknown as { _core: { coreService?: { isCursorHidden?: boolean } } };
    return _core.coreService?.isCursorHidden ?? false;
  }
}

/** Where the first sequence begins that places the cursor, -1 without one. */
function placing(data: Uint8Array): number {
  return latin1.decode(data).search(PLACING);
}

const latin1 = new TextDecoder("latin1");
const PLACING = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*[Hf]`);

function add(pieces: Piece[], piece: Piece): void {
  const last = pieces.at(-1);
  if (last && last.style === piece.style && !last.cells && !piece.cells) last.text += piece.text;
  else pieces.push(piece);
}
