/** Shows a document's rows in a scrolling element: only those in sight are drawn, and the reader's place holds still. */

import type { LogDocument } from "../log/document";
import { LINE_LIMIT, RowView } from "./row_view";
import { ROW, ScrollSpace } from "./scroll_space";

/** How long the bar rests before it is put where it belongs in a scaled log, in ms. */
const REST = 150;

export class LogView {
  /** Whether the view keeps to the end. */
  following = true;
  /** Called when `following` has changed. */
  onFollow: () => void = () => {};
  #space = new ScrollSpace();
  #spacer = element("space");
  #layer = element("rows");
  #rows = new Map<number, RowView>();
  #frame = 0;
  #rest: ReturnType<typeof setTimeout> | undefined;
  #widest = 0;

  constructor(
    private scroller: HTMLElement,
    private document: LogDocument,
  ) {
    scroller.replaceChildren(this.#spacer, this.#layer);
    document.onShift = (at, by) => this.#shift(at, by);
    scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    scroller.addEventListener("wheel", ({ deltaY }) => deltaY < 0 && this.letGo(), { passive: true });
    // A finger on the log holds it still.
    scroller.addEventListener("touchstart", () => this.letGo(), { passive: true });
    scroller.addEventListener("touchend", () => this.#space.atBottom && this.follow(), { passive: true });
    window.document.addEventListener("selectionchange", () => this.#selected());
    new ResizeObserver(() => this.invalidate()).observe(scroller);
    this.invalidate();
  }

  /** Draws anew with the browser's next frame. */
  invalidate(): void {
    if (!this.#frame) this.#frame = requestAnimationFrame(() => this.#draw());
  }

  follow(): void {
    this.#setFollowing(true);
    this.invalidate();
  }

  letGo(): void {
    if (this.#space.bottom > 0) this.#setFollowing(false);
  }

  /** Moves by rows, as a key says. */
  step(rows: number): void {
    if (rows < 0) this.letGo();
    this.#space.moveTo(this.#space.top + rows * ROW);
    if (rows > 0 && this.#space.atBottom) this.#setFollowing(true);
    this.invalidate();
  }

  page(pages: number): void {
    this.step(pages * Math.max(1, Math.floor(this.#space.viewport / ROW) - 1));
  }

  toStart(): void {
    this.letGo();
    this.#space.moveTo(0);
    this.invalidate();
  }

  /** Shows a row in the middle of what is seen. */
  reveal(index: number): void {
    this.letGo();
    this.#space.rows = this.document.count;
    this.#space.moveTo((index + 0.5) * ROW - this.#space.viewport / 2);
    this.invalidate();
  }

  #setFollowing(following: boolean): void {
    if (following === this.following) return;
    this.following = following;
    this.onFollow();
  }

  #scrolled(): void {
    const bar = this.scroller.scrollTop;
    // A viewport that has grown at the end moves the bar back, which is no reader's doing.
    this.#space.viewport = this.scroller.clientHeight;
    const by = this.#space.scrolled(bar);
    if (Math.abs(by) < 1) return;
    if (this.#space.atBottom) this.#setFollowing(true);
    else if (by < 0) this.letGo();
    clearTimeout(this.#rest);
    if (this.#space.stuck) this.#placeBar();
    else this.#rest = setTimeout(() => this.#placeBar(), REST);
    this.invalidate();
  }

  #selected(): void {
    const selection = window.getSelection();
    if (selection && !selection.isCollapsed && this.scroller.contains(selection.anchorNode)) this.letGo();
  }

  #shift(at: number, by: number): void {
    this.#space.shift(at, by);
    const moved = new Map<number, RowView>();
    for (const [index, row] of this.#rows) {
      const to = index >= at ? index + by : index;
      if (moved.has(to)) row.element.remove();
      else moved.set(to, row);
    }
    this.#rows = moved;
  }

  #draw(): void {
    this.#frame = 0;
    const space = this.#space;
    space.viewport = this.scroller.clientHeight;
    space.rows = this.document.count;
    space.moveTo(this.following ? space.bottom : space.top);
    this.#spacer.style.height = `${space.height}px`;
    this.#placeBar();
    this.#drawRows();
    this.scroller.dataset.end = String(this.document.end);
    this.scroller.dataset.whole = String(this.document.whole);
  }

  #placeBar(): void {
    const { bar } = this.#space;
    if (Math.abs(this.scroller.scrollTop - bar) >= 1) this.scroller.scrollTop = bar;
    this.#space.settle(this.scroller.scrollTop);
    this.#placeLayer();
  }

  #placeLayer(): void {
    this.#layer.style.transform = `translateY(${this.#space.y(this.#space.range().first)}px)`;
  }

  #drawRows(): void {
    const { first, last } = this.#space.range();
    const now = this.document.now();
    for (const [index, row] of this.#rows) if (index < first || index >= last) this.#remove(index, row);
    let next = this.#layer.firstElementChild;
    for (let index = first; index < last; index++) {
      const row = this.#rows.get(index) ?? this.#create(index);
      row.update(this.document.row(index, LINE_LIMIT), now);
      if (row.element === next) next = next.nextElementSibling;
      else this.#layer.insertBefore(row.element, next);
      this.#widen(row.element.textContent?.length ?? 0);
    }
    this.#layer.style.setProperty("--digits", String(Math.max(4, String(this.document.lines).length)));
    this.#placeLayer();
  }

  #create(index: number): RowView {
    const row: RowView = new RowView(() => this.#toggle(row));
    this.#rows.set(index, row);
    return row;
  }

  /** The heading stays where it is, so that what was asked for happens below it. */
  #toggle(row: RowView): void {
    this.letGo();
    const index = [...this.#rows].find(([, each]) => each === row)?.[0];
    if (index !== undefined) this.document.toggle(index);
  }

  #remove(index: number, row: RowView): void {
    row.element.remove();
    this.#rows.delete(index);
  }

  /** The horizontal extent only grows, so that the bar below doesn't jump about. */
  #widen(characters: number): void {
    if (characters <= this.#widest) return;
    this.#widest = characters;
    this.#spacer.style.minWidth = `calc(${characters}ch + 8ch)`;
  }
}

function element(className: string): HTMLElement {
  const div = document.createElement("div");
  div.className = className;
  return div;
}
