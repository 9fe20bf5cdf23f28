/** The output that came last, so that what has just been received needn't be asked for again. */

import { Hole, type Stretch } from "../log/hole";

const MOST = 1024 * 1024;

export class Tail {
  #pieces: { at: number; data: Uint8Array }[] = [];
  #length = 0;
  /** The offset up to which output has come. */
  end = 0;

  push(at: number, data: Stretch): void {
    const fresh = at + data.length - this.end;
    if (fresh <= 0) return;
    if (at > this.end || data instanceof Hole) this.#clear();
    if (!(data instanceof Hole)) this.#keep(at, data);
    this.end = at + data.length;
  }

  /** What is kept from offset `at` on, up to the end of one piece; undefined where it isn't kept. */
  from(at: number): Uint8Array | undefined {
    const piece = this.#pieces.find(({ at: begin, data }) => begin <= at && at < begin + data.length);
    return piece?.data.subarray(at - piece.at);
  }

  #keep(at: number, data: Uint8Array): void {
    this.#pieces.push({ at, data });
    this.#length += data.length;
    while (this.#length > MOST && this.#pieces.length > 1) this.#length -= this.#pieces.shift()?.data.length ?? 0;
  }

  #clear(): void {
    this.#pieces = [];
    this.#length = 0;
  }
}
