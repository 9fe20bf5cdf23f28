/**
 * Where a reader is in a log of any length, and where the browser's scroll bar belongs for that.
 *
 * The place is a row and how far below that row's top the viewport begins, so nothing that happens before it moves what
 * is read. Rows have the heights that were measured where they are drawn; all others are taken to be `unit` tall, which
 * makes the bar an estimate: small steps (wheel, keys, fingers) move by what they say whatever the bar has come to,
 * `settle` puts it where it belongs afterwards, and dragging it far maps proportionally.
 */

/** Room below the last row, in px. */
export const FOOT = 8;

/** The tallest element made for scrolling, in px; Firefox stops at 17.9 million, Chromium at 33.5 million. */
export const TALLEST = 8_000_000;

/** What is drawn above and below what can be seen, in viewports. */
const OVERSCAN = 0.5;

/** How far the bar moves at once when it is dragged, and doesn't when a wheel is turned, in viewports. */
const LEAP = 2;

export class ScrollSpace {
  rows = 0;
  viewport = 0;
  /** How tall each row is at least, in px. */
  least = 20;
  /** Whether they are all as tall, but for a few. */
  even = true;
  /** The row at which the viewport begins, and how far below that row's top, in px. */
  index = 0;
  offset = 0;
  #first = 0;
  #last = 0;
  #tops = [0];
  /** Where the viewport begins among the rows that are drawn. */
  #top = 0;
  #bar = 0;
  #seen = { rows: 0, height: 0 };

  /** How tall a row is taken to be where that isn't known. */
  get unit(): number {
    return this.even || !this.#seen.rows ? this.least : this.#seen.height / this.#seen.rows;
  }

  /** Goes to a row; `offset` may lead beyond it. */
  moveTo(index: number, offset = 0): void {
    this.index = Math.max(0, Math.min(index, this.rows - 1));
    this.offset = offset;
  }

  moveBy(pixels: number): void {
    this.offset += pixels;
  }

  toEnd(): void {
    this.moveTo(this.rows - 1, this.viewport + FOOT);
  }

  /** The rows are laid out anew: what was measured holds no more. */
  forget(): void {
    this.#seen = { rows: 0, height: 0 };
    this.#tops = [0];
    this.#last = this.#first;
  }

  /** The rows to draw before `measured` is told: what can be seen however small they are, and some more. */
  range(): { first: number; last: number } {
    const over = this.viewport * OVERSCAN;
    const above = this.#rowsFor(over - this.offset);
    const beyond = this.offset + this.viewport + over - this.#heightOf(this.index);
    const last = Math.min(this.rows, this.index + 1 + this.#rowsFor(beyond));
    // At the end the viewport is full.
    const first = Math.min(
      this.index - above,
      last < this.rows ? this.rows : last - this.#rowsFor(this.viewport + over),
    );
    return { first: Math.max(0, first), last };
  }

  /** The rows from `first` on have these heights: the place is one of them, and not beyond the end. */
  measured(first: number, heights: number[]): void {
    let sum = 0;
    this.#tops = [0, ...heights.map((height) => (sum += height))];
    this.#first = first;
    this.#last = first + heights.length;
    this.#seen = { rows: this.#seen.rows + heights.length, height: this.#seen.height + sum };
    const top = (this.#tops[this.index - first] ?? sum) + this.offset;
    const lowest = this.#last < this.rows ? sum : sum + FOOT - this.viewport;
    this.#top = Math.max(0, Math.min(top, lowest));
    const row = this.#tops.findLastIndex((each, i) => i < heights.length && each <= this.#top);
    this.index = first + Math.max(0, row);
    this.offset = this.#top - (this.#tops[Math.max(0, row)] ?? 0);
  }

  /** Whether the rows that are drawn fill the viewport: not when one has become smaller than it was. */
  get filled(): boolean {
    return this.#last >= this.rows || (this.#tops.at(-1) ?? 0) - this.#top >= this.viewport;
  }

  /** How much there is above the viewport, in px. */
  get above(): number {
    return this.#first * this.unit + this.#top;
  }

  /** How much there is below it. */
  get below(): number {
    const drawn = (this.#tops.at(-1) ?? 0) - this.#top;
    return Math.max(0, drawn + (this.rows - this.#last) * this.unit + FOOT - this.viewport);
  }

  get atEnd(): boolean {
    return this.below < 1;
  }

  /** How tall the scrollable element is. */
  get height(): number {
    return Math.min(this.above + this.viewport + this.below, TALLEST);
  }

  /** Where the bar belongs. */
  get bar(): number {
    const { above, below } = this;
    // There is always room for a step towards what is there.
    const room = Math.min(LEAP * this.viewport, this.#barEnd / 2);
    const bar = above / this.#scale;
    return Math.max(Math.min(above, room), Math.min(bar, this.#barEnd - Math.min(below, room)));
  }

  /** Where the first row that is drawn stands in the scrollable element. */
  get layer(): number {
    return this.#bar - this.#top;
  }

  /** The bar was put at `bar` by us. */
  settle(bar: number): void {
    this.#bar = bar;
  }

  /** The reader moved the bar to `bar`; returns by how much. */
  scrolled(bar: number): number {
    const by = bar - this.#bar;
    this.#bar = bar;
    if (Math.abs(by) <= LEAP * this.viewport) this.moveBy(by);
    else if (bar >= this.#barEnd - 1) this.toEnd();
    else this.#leap(bar * this.#scale);
    return by;
  }

  /** Whether the bar has come to an end of its way that the log has not. */
  get stuck(): boolean {
    return (this.#bar < 1 && this.above >= 1) || (this.#bar > this.#barEnd - 1 && this.below >= 1);
  }

  /** Rows from `at` on have moved by `by`: the place moves with them. */
  shift(at: number, by: number): void {
    this.rows += by;
    if (this.index >= at) this.moveTo(this.index + by, this.offset);
    if (this.#first < at) return;
    this.#first += by;
    this.#last += by;
  }

  get #barEnd(): number {
    return Math.max(0, this.height - this.viewport);
  }

  /** The log's pixels to one of the bar's. */
  get #scale(): number {
    return this.#barEnd ? (this.above + this.below) / this.#barEnd : 1;
  }

  #leap(top: number): void {
    const index = Math.floor(top / this.unit);
    this.moveTo(index, top - index * this.unit);
  }

  #heightOf(index: number): number {
    const [top, bottom] = [this.#tops[index - this.#first], this.#tops[index - this.#first + 1]];
    return top === undefined || bottom === undefined ? this.least : bottom - top;
  }

  #rowsFor(pixels: number): number {
    return Math.max(0, Math.ceil(pixels / this.least));
  }
}
