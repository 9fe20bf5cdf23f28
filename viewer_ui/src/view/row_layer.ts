/** The rows that are drawn, in their order, as elements of one layer; those that are pinned stay when out of sight. */

import type { RowView } from "./row_view";

export class RowLayer {
  readonly element = document.createElement("div");
  #rows = new Map<number, RowView>();
  #pinned: ReadonlySet<RowView> = new Set();

  constructor() {
    this.element.className = "rows";
  }

  /** Draws the rows from `first` up to `last`, each by `update`, and no others but those pinned. */
  draw(first: number, last: number, make: () => RowView, update: (row: RowView, index: number) => void): void {
    for (const [index, row] of this.#rows) {
      const away = index < first || index >= last;
      row.element.toggleAttribute("data-away", away);
      if (away) this.#leave(index, row);
    }
    for (let index = first; index < last; index++) {
      const row = this.#rows.get(index) ?? make();
      this.#rows.set(index, row);
      update(row, index);
    }
    this.#order();
  }

  /** The heights of the rows from `first` up to `last`, in px. */
  heights(first: number, last: number): number[] {
    const heights: number[] = [];
    for (let index = first; index < last; index++)
      heights.push(this.at(index)?.element.getBoundingClientRect().height ?? 0);
    return heights;
  }

  at(index: number): RowView | undefined {
    return this.#rows.get(index);
  }

  /** All that are drawn, by their indexes. */
  entries(): IterableIterator<[number, RowView]> {
    return this.#rows.entries();
  }

  /** The row that a node is part of. */
  indexOf(node: Node): number | undefined {
    for (const [index, row] of this.#rows) if (row.element.contains(node)) return index;
    return undefined;
  }

  /** The row that is drawn `y` px below the upper edge of an element. */
  indexAt(y: number, within: HTMLElement): number | undefined {
    const place = within.getBoundingClientRect().top + y;
    for (const [index, { element }] of this.#rows) {
      const { top, bottom } = element.getBoundingClientRect();
      if (top <= place && place < bottom) return index;
    }
    return undefined;
  }

  indexOfRow(row: RowView): number | undefined {
    return this.indexOf(row.element);
  }

  pin(indexes: number[]): void {
    this.#pinned = new Set(indexes.map((index) => this.#rows.get(index)).filter((row) => row !== undefined));
  }

  /** Rows from `at` on have moved by `by`. */
  shift(at: number, by: number): void {
    const moved = new Map<number, RowView>();
    for (const [index, row] of this.#rows) {
      const to = index >= at ? index + by : index;
      if (moved.has(to)) row.element.remove();
      else moved.set(to, row);
    }
    this.#rows = moved;
  }

  #leave(index: number, row: RowView): void {
    if (this.#pinned.has(row)) return;
    row.element.remove();
    this.#rows.delete(index);
  }

  #order(): void {
    let next = this.element.firstElementChild;
    for (const [, row] of [...this.#rows].sort(([a], [b]) => a - b)) {
      if (row.element === next) next = next.nextElementSibling;
      else this.element.insertBefore(row.element, next);
    }
  }
}
