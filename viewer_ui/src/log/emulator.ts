/**
 * One xterm.js terminal without a screen: bytes go in, rows that have scrolled off come out, the rest can be read.
 *
 * Escape sequences that could cost a terminal its history are blunted here, those that cost a reader time in xterm.ts.
 */

import type { IBuffer, IBufferLine, Terminal } from "@xterm/headless";
import { join, type StyledText, type Styles } from "./styles";
import { CANCEL, midCharacter, newTerminal, parse } from "./xterm";

/** The most bytes written before scrolled rows are collected: no byte scrolls by more than one row. */
const PIECE = 4 * 1024;
const SCROLLBACK = 2 * PIECE;
const NEWLINE = 10;

/** xterm.js lets go of rows that were cleared when it needs their room: of this many at the latest it is made to. */
const CLEARED = 1024;

const BLANK = "\x1b[2J\x1b[H";
/** The alternate screen and back, which leaves the saved cursor alone. */
const [TO_ALTERNATE, TO_NORMAL] = ["\x1b[?47h", "\x1b[?47l"];

/** What of xterm.js has no public name; if an upgrade renames any, `settled` is false and nothing but speed is lost. */
interface Core {
  _inputHandler?: {
    _parser?: { currentState?: number };
    _curAttrData?: { fg?: number; bg?: number };
  };
  _charsetService?: { charset?: unknown; glevel?: number };
  buffer?: { scrollTop?: number; scrollBottom?: number; savedY?: number };
}

/** Where rows go that have left the screen. */
export interface Scrolled {
  readonly open: boolean;
  append(part: StyledText): void;
  end(): void;
}

export class Emulator {
  #terminal: Terminal;
  #cell;
  #taken = 0;
  /** How many rows of the scrollback were cleared since it was a new one. */
  #cleared = 0;
  #trimming = false;

  constructor(
    cols: number,
    rows: number,
    convertEol: boolean,
    private styles: Styles,
    private scrolled: Scrolled,
  ) {
    this.#terminal = newTerminal({ cols, rows, convertEol }, SCROLLBACK);
    this.#cell = this.#terminal.buffer.active.getNullCell();
    this.#blunt();
  }

  get cols(): number {
    return this.#terminal.cols;
  }

  get rows(): number {
    return this.#terminal.rows;
  }

  resize(cols: number, rows: number): void {
    this.#terminal.resize(cols, rows);
    this.#collect();
  }

  write(data: Uint8Array): void {
    for (const piece of pieces(data)) {
      this.#feed(piece);
      this.#collect();
    }
  }

  /**
   * Whether plain text would now be drawn as it is, from the start of a new line with nothing below:
   * no style, region, character set or half a sequence is in force.
   */
  settled(): boolean {
    const normal = this.#terminal.buffer.normal;
    return (
      this.#terminal.buffer.active.type === "normal" &&
      normal.cursorX === 0 &&
      this.#ground() &&
      this.#defaults() &&
      !normal.getLine(normal.baseY + normal.cursorY)?.isWrapped &&
      this.#used(normal) <= normal.cursorY
    );
  }

  /** Moves what is on the screen out, as if it had scrolled. */
  clear(): void {
    this.#takeScreen();
    this.#feed(BLANK);
  }

  /** Moves what is on the screen out and goes on at the top of a blank one; styles and modes stay as they are. */
  turn(): void {
    const alternate = this.#terminal.buffer.active.type === "alternate";
    this.#feed(CANCEL);
    if (alternate) this.#feed(TO_NORMAL);
    this.clear();
    if (alternate) this.#feed(TO_ALTERNATE);
  }

  /** Nothing more is to come: memory is given back. */
  rest(): void {
    this.#terminal.options.scrollback = 0;
    this.#terminal.resize(2, 1);
    this.#taken = 0;
  }

  /** Moves what is on the screen out and begins again as a new terminal. */
  reset(): void {
    this.#takeScreen();
    this.#feed(CANCEL);
    this.#terminal.reset();
    this.#taken = 0;
  }

  /** The lines now on the screen. */
  screen(): StyledText[] {
    const { normal } = this.#terminal.buffer;
    return this.#lines(normal, normal.baseY, this.#end(normal));
  }

  /** Whether the first line on the screen goes on with the one that is open in the history. */
  get continues(): boolean {
    const { normal } = this.#terminal.buffer;
    return !!wrapped(normal, normal.baseY) && this.#end(normal) > normal.baseY;
  }

  /** How many lines of the screen come before the one that is written to, and whether that has begun. */
  get cursor(): { line: number; begun: boolean } {
    const { normal } = this.#terminal.buffer;
    let line = 0;
    for (let y = 1; y <= normal.cursorY; y++) if (!wrapped(normal, normal.baseY + y)) line++;
    return { line, begun: normal.cursorX > 0 || !!wrapped(normal, normal.baseY + normal.cursorY) };
  }

  /** The rows of the alternate screen while a program draws there. */
  alternate(): StyledText[] {
    const { active } = this.#terminal.buffer;
    if (active.type === "normal") return [];
    return Array.from({ length: this.#used(active) }, (_, y) => this.#row(active.getLine(y), undefined));
  }

  #blunt(): void {
    const { parser } = this.#terminal;
    // Clearing the scrollback is for us alone: what the job wrote stays in the history.
    parser.registerCsiHandler({ final: "J" }, ([what]) => what === 3 && !this.#trimming);
    parser.registerCsiHandler({ prefix: "?", final: "J" }, ([what]) => what === 3);
    // A full reset keeps what was on the screen.
    parser.registerEscHandler({ final: "c" }, () => {
      this.#takeScreen();
      this.#taken = 0;
      return false;
    });
  }

  #feed(data: Uint8Array | string): void {
    parse(this.#terminal, data);
  }

  #collect(): void {
    const { normal } = this.#terminal.buffer;
    this.#take(normal, this.#taken, normal.baseY);
    this.#taken = normal.baseY;
    if (!this.#taken) return;
    const full = this.#taken >= SCROLLBACK - PIECE;
    // Only hostile output scrolls so far inside one sequence.
    if (full && !this.#ground()) this.#feed(CANCEL);
    // In the first column no character waits to be combined with what follows.
    if (full || (normal.cursorX === 0 && this.#ground())) this.#trim();
  }

  #trim(): void {
    if (this.#terminal.buffer.active.type !== "normal") return;
    this.#trimming = true;
    this.#feed("\x1b[3J");
    this.#trimming = false;
    // A saved cursor counts its rows from the start of the scrollback, which xterm.js forgets when that is cleared.
    const { buffer } = this.#core();
    if (buffer?.savedY) buffer.savedY = Math.max(0, buffer.savedY - this.#taken);
    this.#cleared += this.#taken;
    this.#taken = 0;
    // Another size of the scrollback is a new one; it undoes a scroll region.
    if (this.#cleared < CLEARED || buffer?.scrollTop !== 0 || buffer.scrollBottom !== this.rows - 1) return;
    this.#terminal.options.scrollback = SCROLLBACK + (this.#terminal.options.scrollback === SCROLLBACK ? 1 : 0);
    this.#cleared = 0;
  }

  #takeScreen(): void {
    const { normal } = this.#terminal.buffer;
    this.#take(normal, this.#taken, this.#end(normal));
  }

  #take(buffer: IBuffer, from: number, to: number): void {
    for (let y = from; y < to; y++) {
      const line = buffer.getLine(y);
      const rest = wrapped(buffer, y + 1);
      if (this.scrolled.open && !line?.isWrapped) this.scrolled.end();
      this.scrolled.append(this.#row(line, rest));
      if (!rest) this.scrolled.end();
    }
  }

  #lines(buffer: IBuffer, from: number, to: number): StyledText[] {
    const lines: StyledText[] = [];
    let line: StyledText = { text: "", runs: [] };
    for (let y = from; y < to; y++) {
      const rest = y + 1 < to ? wrapped(buffer, y + 1) : undefined;
      line = join(line, this.#row(buffer.getLine(y), rest));
      if (rest) continue;
      lines.push(line);
      line = { text: "", runs: [] };
    }
    return lines;
  }

  /** The row after the last one that is used or has been ended. */
  #end(buffer: IBuffer): number {
    const written = buffer.cursorX > 0 ? buffer.cursorY + 1 : buffer.cursorY;
    return buffer.baseY + Math.max(this.#used(buffer), written);
  }

  /** How many rows of the screen are used, the last empty ones left out. */
  #used(buffer: IBuffer): number {
    let y = this.rows;
    while (y > 0 && this.#width(buffer.getLine(buffer.baseY + y - 1)) === 0) y--;
    return y;
  }

  /** How many cells of a row hold text or a colour. */
  #width(line: IBufferLine | undefined): number {
    if (!line) return 0;
    let x = line.length;
    // A colour that was erased with reaches the right edge; else the text's length bounds the search.
    if (line.getCell(x - 1, this.#cell)?.isBgDefault()) x = Math.min(x, 2 * line.translateToString(true).length);
    while (x > 0) {
      const cell = line.getCell(x - 1, this.#cell);
      if (cell && (cell.getCode() !== 0 || cell.getWidth() === 0 || !cell.isBgDefault())) break;
      x--;
    }
    return x;
  }

  /** A row's text and style; all its columns when the line goes on in the next row, `rest`. */
  #row(line: IBufferLine | undefined, rest: IBufferLine | undefined): StyledText {
    if (!line) return { text: "", runs: [] };
    const width = rest ? this.#wrapWidth(line, rest) : this.#width(line);
    const runs = this.#runs(line, width);
    return { text: line.translateToString(false, 0, width), runs };
  }

  /** A wide character that did not fit leaves the last column of a wrapped row empty. */
  #wrapWidth(line: IBufferLine, rest: IBufferLine): number {
    const wide = rest.getCell(0, this.#cell)?.getWidth() === 2;
    return wide && line.getCell(this.cols - 1, this.#cell)?.getCode() === 0 ? this.cols - 1 : this.cols;
  }

  #runs(line: IBufferLine, width: number): number[] {
    const runs: number[] = [];
    let current = 0;
    let length = 0;
    for (let x = 0; x < width; x++) {
      const cell = line.getCell(x, this.#cell);
      if (!cell || cell.getWidth() === 0) continue;
      const style = this.styles.of(cell);
      if (style !== current) {
        // Only a styled row needs its text position; the plain cells before it are counted once.
        if (!runs.length) length = line.translateToString(false, 0, x).length;
        runs.push(length, style);
        current = style;
      }
      if (runs.length) length += cell.getChars().length || 1;
    }
    return runs;
  }

  #core(): Core {
    return (this.#terminal as unknown as { _core: Core })._core;
  }

  #ground(): boolean {
    return this.#core()._inputHandler?._parser?.currentState === 0;
  }

  #defaults(): boolean {
    const { _inputHandler: input, _charsetService: charsets, buffer } = this.#core();
    const { insertMode, originMode, wraparoundMode } = this.#terminal.modes;
    return (
      input?._curAttrData?.fg === 0 &&
      input._curAttrData.bg === 0 &&
      !midCharacter(this.#terminal) &&
      charsets?.glevel === 0 &&
      charsets.charset === undefined &&
      buffer?.scrollTop === 0 &&
      buffer.scrollBottom === this.rows - 1 &&
      !insertMode &&
      !originMode &&
      wraparoundMode
    );
  }
}

/** `data` as it is best written: each piece up to the end of a line if there is one, where the history can be trimmed. */
export function* pieces(data: Uint8Array): Generator<Uint8Array> {
  for (let at = 0, end = 0; at < data.length; at = end) {
    end = data.subarray(at, at + PIECE).lastIndexOf(NEWLINE) + 1 + at;
    if (end === at) end = at + PIECE;
    yield data.subarray(at, end);
  }
}

/** The row at `y` when the line before goes on in it. */
function wrapped(buffer: IBuffer, y: number): IBufferLine | undefined {
  const line = buffer.getLine(y);
  return line?.isWrapped ? line : undefined;
}
