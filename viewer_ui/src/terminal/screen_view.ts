/** Draws a screen with the DOM itself, as large as fits: text as text nodes, so it is sharp, selected and copied. */

import { dress } from "../view/dress";
import { type Piece, type Screen, UNKNOWN } from "./screen";
import "./screen.css";

/** Of the font, in px; the line height is a multiple of it at which drawn boxes have no gaps. */
const [SMALLEST, LARGEST] = [6, 20];
const LINE = 1.2;

/** Steps of the font's size, in px. */
const STEP = 0.25;

export class ScreenView {
  #element = document.createElement("div");
  #cursor = document.createElement("div");
  /** What each row shows; undefined while that is what another screen had there. */
  #rows: { element: HTMLElement; pieces: Piece[] | undefined }[] = [];
  #screen: Screen | undefined;
  #size = "";
  #waiting = 0;
  #resized = new ResizeObserver(() => {
    this.#size = "";
    this.invalidate();
  });

  constructor(private place: HTMLElement) {
    this.#element.className = "screen";
    this.#cursor.className = "cursor";
    this.#element.append(this.#cursor);
    place.append(this.#element);
    this.#resized.observe(place);
  }

  show(screen: Screen): void {
    if (screen !== this.#screen) for (const row of this.#rows) row.pieces = undefined;
    this.#screen = screen;
    this.invalidate();
  }

  /** Draws what has changed, with the next frame. */
  invalidate(): void {
    this.#waiting ||= requestAnimationFrame(() => {
      this.#waiting = 0;
      if (this.#screen) this.#draw(this.#screen);
    });
  }

  destroy(): void {
    this.#resized.disconnect();
    cancelAnimationFrame(this.#waiting);
    this.#element.remove();
  }

  #draw(screen: Screen): void {
    this.#fit(screen);
    for (let y = 0; y < screen.rows; y++) this.#drawRow(screen, y);
    this.#drawCursor(screen);
  }

  #drawRow(screen: Screen, y: number): void {
    const row = this.#rows[y];
    const pieces = screen.row(y);
    if (!row || (row.pieces && same(row.pieces, pieces))) return;
    row.pieces = pieces;
    row.element.replaceChildren(...pieces.map((piece) => drawn(piece, screen)));
  }

  #drawCursor({ cursor }: Screen): void {
    this.#cursor.hidden = !cursor;
    if (cursor) this.#cursor.style.translate = `calc(var(--cell) * ${cursor.x}) calc(var(--line) * ${cursor.y})`;
  }

  /** The largest size at which all of the screen is in sight. */
  #fit({ cols, rows }: Screen): void {
    const { clientWidth, clientHeight } = this.place;
    const size = [cols, rows, clientWidth, clientHeight].join(" ");
    if (size === this.#size) return;
    this.#size = size;
    this.#count(rows);
    const advance = this.#advance();
    const fitting = Math.min(clientWidth / (cols * advance), clientHeight / (rows * LINE));
    const font = Math.max(SMALLEST, Math.min(LARGEST, Math.floor(fitting / STEP) * STEP));
    const lengths = { "--font": font, "--cell": font * advance, "--line": font * LINE };
    for (const [name, px] of Object.entries(lengths)) this.#element.style.setProperty(name, `${px}px`);
    this.#element.style.width = `calc(var(--cell) * ${cols})`;
    this.#element.style.height = `calc(var(--line) * ${rows})`;
  }

  /** How wide a character is, by the font's size. */
  #advance(): number {
    const probe = document.createElement("span");
    probe.className = "probe";
    probe.append("0".repeat(100));
    this.#element.append(probe);
    const { width } = probe.getBoundingClientRect();
    probe.remove();
    return width / 100 / 100;
  }

  #count(rows: number): void {
    for (const { element } of this.#rows.splice(rows)) element.remove();
    while (this.#rows.length < rows) {
      const element = document.createElement("div");
      this.#element.append(element);
      this.#rows.push({ element, pieces: undefined });
    }
  }
}

function drawn({ text, style, cells }: Piece, { styles }: Screen): Node {
  if (!style && !cells) return document.createTextNode(text);
  const span = document.createElement("span");
  span.append(text);
  if (cells) span.className = cells === 2 ? "cell wide" : "cell";
  if (style === UNKNOWN) span.className = "unknown";
  else if (style) dress(span, styles.get(style));
  return span;
}

function same(a: Piece[], b: Piece[]): boolean {
  return (
    a.length === b.length &&
    a.every(({ text, style, cells }, i) => {
      const other = b[i];
      return text === other?.text && style === other.style && cells === other.cells;
    })
  );
}
