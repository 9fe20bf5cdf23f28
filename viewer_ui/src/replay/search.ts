/** How many of `items`, which `of` orders, come to `limit` at most. */
export function countUpTo<T>(items: readonly T[], limit: number, of: (item: T) => number): number {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (of(items[middle] as T) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
