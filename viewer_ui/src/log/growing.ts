/** A growing typed array. */

export class Growing<A extends Uint8Array | Uint32Array> {
  length = 0;
  constructor(
    private make: (n: number) => A,
    public array: A = make(256),
  ) {}

  /** Room for `n` more; the caller writes at `length` and moves it on. */
  reserve(n: number): A {
    if (this.length + n > this.array.length) {
      const grown = this.make(Math.max(this.length + n, this.array.length * 2));
      grown.set(this.array.subarray(0, this.length));
      this.array = grown;
    }
    return this.array;
  }

  push(value: number): void {
    this.reserve(1)[this.length++] = value;
  }

  trim(): void {
    this.array = this.array.slice(0, this.length) as A;
  }
}

export const bytes = (n: number) => new Uint8Array(n);
export const words = (n: number) => new Uint32Array(n);

/** The last of `length` for which `before` holds, of all the first ones; 0 when it holds for none. */
export function lastWhere(length: number, before: (i: number) => boolean): number {
  let [low, high] = [0, Math.max(0, length - 1)];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (before(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}
