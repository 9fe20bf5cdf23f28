/** Output as the hub gives it: bytes, or a stretch of them that it does not have any more. */

/** So many bytes that are damaged in the hub's store. */
export class Hole {
  constructor(readonly length: number) {}

  slice(from: number): Hole {
    return new Hole(this.length - from);
  }
}

export type Stretch = Uint8Array | Hole;

/** The first offset of a range `[from, to)` that is in none of `ranges`, undefined when they cover it. */
export function firstOutside([from, to]: [number, number], ranges: [number, number][]): number | undefined {
  let at = from;
  for (const [begin, end] of ranges.toSorted(([a], [b]) => a - b)) if (begin <= at) at = Math.max(at, end);
  return at < to ? at : undefined;
}
