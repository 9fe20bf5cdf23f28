/**
 * Maps a log of any length to a scrollable height that browsers can do.
 *
 * Up to `TALLEST` a pixel of the scroll bar is a pixel of the log. Beyond, dragging the bar maps proportionally, while
 * small steps (wheel, keys, fingers) still move by what they say; `settle` then puts the bar where it belongs.
 */

export const ROW = 20;

/** Room below the last row, in px. */
export const FOOT = 8;

/** In px; Firefox stops at 17.9 million, Chromium at 33.5 million. */
export const TALLEST = 8_000_000;

export class ScrollSpace {
  /** Where the viewport begins in the log, in px. */
  top = 0;
  rows = 0;
  viewport = 0;
  #bar = 0;

  /** How tall the scrollable element is. */
  get height(): number {
    return Math.min(this.#full, TALLEST);
  }

  /** Where the viewport begins when it shows the end. */
  get bottom(): number {
    return Math.max(0, this.#full - this.viewport);
  }

  get atBottom(): boolean {
    return this.top >= this.bottom - 1;
  }

  get #full(): number {
    return this.rows * ROW + FOOT;
  }

  get #scaled(): boolean {
    return this.#full > TALLEST;
  }

  get #barBottom(): number {
    return Math.max(0, this.height - this.viewport);
  }

  /** Where the scroll bar belongs for `top`. */
  get bar(): number {
    return this.#scaled ? (this.top / this.bottom) * this.#barBottom : this.top;
  }

  /** The rows to draw, some more above and below than can be seen. */
  range(): { first: number; last: number } {
    const first = Math.max(0, Math.floor(this.top / ROW) - OVERSCAN);
    const last = Math.min(this.rows, Math.ceil((this.top + this.viewport) / ROW) + OVERSCAN);
    return { first, last };
  }

  /** Where row `index` is drawn in the scrollable element, whose bar is where it was last said to be. */
  y(index: number): number {
    return this.#bar + index * ROW - this.top;
  }

  moveTo(top: number): void {
    this.top = Math.min(Math.max(0, top), this.bottom);
  }

  /** The bar was put at `bar` by us. */
  settle(bar: number): void {
    this.#bar = bar;
  }

  /** The reader moved the bar to `bar`; returns by how much. */
  scrolled(bar: number): number {
    const by = bar - this.#bar;
    this.#bar = bar;
    if (this.#scaled && Math.abs(by) > this.viewport) this.moveTo((bar / this.#barBottom) * this.bottom);
    else this.moveTo(this.top + by);
    return by;
  }

  /** Whether the bar has come to an end of its way that the log has not. */
  get stuck(): boolean {
    return (this.#bar <= 0 && this.top > 0) || (this.#bar >= this.#barBottom && this.top < this.bottom - 1);
  }

  /** Rows from `at` on have moved by `by`: the place that is read moves with them. */
  shift(at: number, by: number): void {
    this.rows += by;
    if (Math.floor(this.top / ROW) >= at) this.top = Math.max(0, this.top + by * ROW);
  }
}

const OVERSCAN = 8;
