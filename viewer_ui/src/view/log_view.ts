/** Shows a document's rows in a scrolling element: only those in sight are drawn, and the reader's place holds still. */

import type { LogDocument, Row } from "../log/document";
import { RowLayer } from "./row_layer";
import { type Look, RowView } from "./row_view";
import { ScrollSpace } from "./scroll_space";
import { cells } from "./wide";

/** How long the bar rests before it is put where it belongs, in ms. */
const REST = 150;

/** The most characters drawn of a line, and by how many more it opens; how many there are besides is said. */
const LINE_LIMIT = 4096;
const WRAPPED_LIMIT = 1024;
const OPENED = 256 * 1024;

/** How the reader wants to see the log. */
export interface Reading {
  /** Lines longer than the view go on below instead of beside it. */
  wrap: boolean;
  /** What is said of when a row came, if anything. */
  time(row: Row, index: number): string;
  /** The lines that a link leads to. */
  linked: { first: number; last: number } | undefined;
  /** A line drawn above the line with this number, with words. */
  left: { line: number; words: string } | undefined;
}

const PLAINLY: Reading = { wrap: false, time: () => "", linked: undefined, left: undefined };

export class LogView {
  /** Whether the view keeps to the end. */
  following = true;
  /** Called when `following` has changed. */
  onFollow: () => void = () => {};
  /** Called whenever rows have been drawn. */
  readonly onDraw = new Set<() => void>();
  readonly rows = new RowLayer();
  #reading = PLAINLY;
  #space = new ScrollSpace();
  #spacer = element("space");
  /** The lines that the reader has opened, by number, and how many characters of each are drawn. */
  #opened = new Map<number, number>();
  #frame = 0;
  #rest: ReturnType<typeof setTimeout> | undefined;
  #wayDown = false;
  #widest = 0;
  #layout = "";

  constructor(
    readonly scroller: HTMLElement,
    private document: LogDocument,
  ) {
    scroller.replaceChildren(this.#spacer, this.rows.element);
    document.onShift = (at, by) => this.#shift(at, by);
    scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    scroller.addEventListener("wheel", ({ deltaY }) => deltaY < 0 && this.letGo(), { passive: true });
    // A finger on the log holds it still.
    scroller.addEventListener("touchstart", () => this.letGo(), { passive: true });
    scroller.addEventListener("touchend", () => this.#turnDown(), { passive: true });
    new ResizeObserver(() => this.invalidate()).observe(scroller);
    this.invalidate();
  }

  get reading(): Reading {
    return this.#reading;
  }

  set reading(reading: Reading) {
    this.#reading = reading;
    this.invalidate();
  }

  /** The first row in sight. */
  get top(): number {
    return this.#space.index;
  }

  /** The row in the middle of what is seen, as far as that is known. */
  get middle(): number {
    return this.rows.indexAt(this.#space.viewport / 2, this.scroller) ?? this.top;
  }

  /** Draws anew with the browser's next frame. */
  invalidate(): void {
    if (!this.#frame) this.#frame = requestAnimationFrame(() => this.#draw());
  }

  follow(): void {
    this.#setFollowing(true);
    this.invalidate();
  }

  /** Keeps to the end no more, if there is anywhere else to be. */
  letGo(): void {
    const { viewport, least, above, below } = this.#space;
    if (above + below > 0 || this.document.count * least > viewport) this.#setFollowing(false);
  }

  /** Moves by rows, as a key says. */
  step(rows: number): void {
    this.#move(rows * this.#space.least);
  }

  page(pages: number): void {
    this.#move(pages * Math.max(this.#space.least, this.#space.viewport - this.#space.least));
  }

  toStart(): void {
    this.letGo();
    this.#space.moveTo(0);
    this.invalidate();
  }

  /** Shows a row in the middle of what is seen. */
  reveal(index: number): void {
    this.#setFollowing(false);
    this.#space.rows = this.document.count;
    this.#space.moveTo(index, (this.#space.least - this.#space.viewport) / 2);
    this.invalidate();
  }

  #move(pixels: number): void {
    if (pixels < 0) this.letGo();
    this.#wayDown = pixels > 0;
    this.#space.moveBy(pixels);
    this.invalidate();
  }

  /** Whoever is at the end by the next frame keeps to it. */
  #turnDown(): void {
    this.#wayDown = true;
    this.invalidate();
  }

  #setFollowing(following: boolean): void {
    if (following === this.following) return;
    this.following = following;
    this.onFollow();
  }

  #scrolled(): void {
    this.#takeBar();
    clearTimeout(this.#rest);
    this.#rest = setTimeout(() => {
      this.#rest = undefined;
      this.invalidate();
    }, REST);
    this.invalidate();
  }

  /** What the reader did to the bar moves the place. */
  #takeBar(): void {
    const { scrollTop, clientHeight } = this.scroller;
    // A viewport of another size moves the bar, which is no reader's doing.
    const resized = clientHeight !== this.#space.viewport;
    if (resized) this.#space.settle(scrollTop);
    if (resized) return;
    const by = this.#space.scrolled(scrollTop);
    if (Math.abs(by) < 1) return;
    this.#wayDown = by > 0;
    if (by < 0) this.letGo();
  }

  #shift(at: number, by: number): void {
    this.#space.shift(at, by);
    this.rows.shift(at, by);
  }

  #draw(): void {
    this.#frame = 0;
    this.#takeBar();
    this.#dress();
    this.#drawRows();
    // A row may have become smaller than it was: what comes after it moves up.
    if (!this.#space.filled) this.#drawRows();
    if (this.#wayDown && this.#space.atEnd) this.#setFollowing(true);
    this.#wayDown = false;
    this.#place();
    this.scroller.dataset.end = String(this.document.end);
    this.scroller.dataset.whole = String(this.document.whole);
    for (const drawn of this.onDraw) drawn();
  }

  #dress(): void {
    const { clientWidth, clientHeight, classList, style } = this.scroller;
    classList.toggle("wrapped", this.#reading.wrap);
    style.setProperty("--digits", String(Math.max(4, String(this.document.lines).length)));
    const { lineHeight } = getComputedStyle(this.scroller);
    this.#space.viewport = clientHeight;
    this.#space.least = Number.parseFloat(lineHeight);
    this.#space.even = !this.#reading.wrap;
    const layout = `${clientWidth} ${lineHeight} ${this.#reading.wrap}`;
    if (layout !== this.#layout) this.#space.forget();
    this.#layout = layout;
  }

  #drawRows(): void {
    const space = this.#space;
    space.rows = this.document.count;
    if (this.following) space.toEnd();
    const { first, last } = space.range();
    const now = this.document.now();
    this.rows.draw(
      first,
      last,
      () => this.#create(),
      (row, index) => this.#update(row, index, now),
    );
    space.measured(first, this.rows.heights(first, last));
  }

  #update(row: RowView, index: number, now: number): void {
    const content = this.#row(index);
    row.update(content, this.#look(content, index, now));
    this.#widen(cells(content.text));
  }

  #row(index: number): Row {
    const limit = this.#reading.wrap ? WRAPPED_LIMIT : LINE_LIMIT;
    const row = this.document.row(index, limit);
    const opened = row.more ? this.#opened.get(row.number) : undefined;
    return opened ? this.document.row(index, opened) : row;
  }

  #look(row: Row, index: number, now: number): Look {
    const { linked, left, time } = this.#reading;
    return {
      now,
      time: time(row, index),
      linked: linked !== undefined && linked.first <= row.number && row.number <= linked.last,
      above: left !== undefined && left.line === row.number ? left.words : "",
    };
  }

  /** While the reader moves the bar it is left alone, unless it has no way to go. */
  #place(): void {
    const space = this.#space;
    this.#spacer.style.height = `${space.height}px`;
    const moving = this.#rest !== undefined && !this.following && !space.stuck;
    if (!moving && Math.abs(this.scroller.scrollTop - space.bar) >= 1) this.scroller.scrollTop = space.bar;
    space.settle(this.scroller.scrollTop);
    this.rows.element.style.transform = `translateY(${space.layer}px)`;
  }

  #create(): RowView {
    const row: RowView = new RowView({ toggle: () => this.#toggle(row), open: () => this.#open(row) });
    return row;
  }

  /** The heading stays where it is, so that what was asked for happens below it. */
  #toggle(row: RowView): void {
    this.letGo();
    const index = this.rows.indexOfRow(row);
    if (index !== undefined) this.document.toggle(index);
  }

  #open(row: RowView): void {
    this.letGo();
    const index = this.rows.indexOfRow(row);
    if (index === undefined) return;
    const { number } = this.document.row(index, 0);
    this.#opened.set(number, (this.#opened.get(number) ?? 0) + OPENED);
    this.invalidate();
  }

  /** The horizontal extent only grows, so that the bar below doesn't jump about. */
  #widen(characters: number): void {
    if (characters <= this.#widest) return;
    this.#widest = characters;
    this.#spacer.style.setProperty("--widest", `${characters}ch`);
  }
}

function element(className: string): HTMLElement {
  const div = document.createElement("div");
  div.className = className;
  return div;
}
