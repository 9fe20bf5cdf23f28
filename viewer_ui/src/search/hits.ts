/** The lines that a search has found, in the order of the log. Found twice, a line counts once. */

import type { Hit } from "./found";

export class Hits {
  #sorted: Hit[] = [];

  get count(): number {
    return this.#sorted.length;
  }

  get all(): readonly Hit[] {
    return this.#sorted;
  }

  /** Nearly always it comes after all others, or after those before the place where the search began. */
  add(hit: Hit): void {
    const index = this.indexFrom(hit.at);
    this.#sorted.splice(index, this.#sorted[index]?.at === hit.at ? 1 : 0, hit);
  }

  /** The number of the first hit at or behind an offset. */
  indexFrom(at: number): number {
    let [low, high] = [0, this.#sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#sorted[middle] as Hit).at < at) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The hit of the line that begins at an offset. */
  of(at: number | undefined): Hit | undefined {
    const hit = at === undefined ? undefined : this.#sorted[this.indexFrom(at)];
    return hit?.at === at ? hit : undefined;
  }

  /** The next hit behind an offset, or the one before it; round the ends of the log. */
  next(at: number, by: 1 | -1): Hit | undefined {
    const index = by > 0 ? this.indexFrom(at + 1) : this.indexFrom(at) - 1;
    return this.#sorted.at(index < this.#sorted.length ? index : 0);
  }
}
