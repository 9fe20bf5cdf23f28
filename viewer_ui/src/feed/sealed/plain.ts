/** The output of an encrypted run as far as it was decrypted, and what a hub tells of one that it can read. */

import type { Entry } from "../../log/plan";
import type { Marks, Written } from "../../log/timing";
import type { Densities } from "../../replay/density";
import { countUpTo } from "../../replay/search";
import type { Bytes } from "./cipher";
import type { Opened } from "./records";

const BLOCK = 256 * 1024;
const NEWLINE = 10;

/** A time without output that is worth telling, in seconds. */
const SILENT = 10;

export class Plain {
  end = 0;
  /** How many newlines there are. */
  lines = 0;
  #blocks: Bytes[] = [];
  /** How many newlines come before each block. */
  #before: number[] = [];
  #marks: Written[] = [];

  append({ data, marks }: Opened): void {
    for (let rest = data; rest.length; ) {
      const place = this.end % BLOCK;
      if (!place) this.#begin();
      const fits = rest.subarray(0, BLOCK - place);
      (this.#blocks.at(-1) as Bytes).set(fits, place);
      for (const byte of fits) if (byte === NEWLINE) this.lines++;
      this.end += fits.length;
      rest = rest.subarray(fits.length);
    }
    this.#marks.push(...marks);
  }

  /** The output from byte `from` up to `to`, in pieces. */
  *read(from: number, to: number): Generator<Bytes> {
    const end = Math.min(to, this.end);
    for (let at = from; at < end; ) {
      const [block, place] = [Math.floor(at / BLOCK), at % BLOCK];
      const piece = (this.#blocks[block] as Bytes).subarray(place, Math.min(BLOCK, place + end - at));
      yield piece;
      at += piece.length;
    }
  }

  /** All of it, cut where something was written at another time. */
  *stretches(): Generator<{ at: number; t: number; data: Bytes }> {
    for (const [n, [at, t]] of this.#marks.entries())
      for (const data of this.read(at, this.#marks[n + 1]?.[0] ?? this.end)) yield { at, t, data };
  }

  /** Where the line of the byte at an offset begins, and how many come before it. */
  lineAt(offset: number): { at: number; line: number } {
    const block = Math.floor(Math.min(offset, Math.max(0, this.end - 1)) / BLOCK);
    let [at, line] = [0, this.#before[block] ?? 0];
    let place = block * BLOCK;
    for (const piece of this.read(place, offset)) {
      for (const byte of piece) {
        place++;
        if (byte === NEWLINE) [at, line] = [place, line + 1];
      }
    }
    return at || !line ? { at, line } : this.#lineBefore(block * BLOCK, line);
  }

  /** What a hub answers at these paths. */
  timing(from: number, to: number): Marks {
    const end = Math.min(to, this.end);
    const count = (offset: number) => countUpTo(this.#marks, offset, ([at]) => at);
    return { marks: this.#marks.slice(Math.max(0, count(from) - 1), count(end - 1)), to: end };
  }

  at(t: number): { at: number } {
    return { at: this.#marks[countUpTo(this.#marks, t, ([, written]) => written)]?.[0] ?? this.end };
  }

  density(duration: number, buckets: number): Densities {
    const bytes = new Array<number>(buckets).fill(0);
    const silences: Densities["silences"] = [];
    const whole = Math.max(duration, this.#marks.at(-1)?.[1] ?? 0, 0.001);
    let last = 0;
    for (const [n, [at, t]] of this.#marks.entries()) {
      const bucket = Math.min(buckets - 1, Math.floor((Math.max(0, t) / whole) * buckets));
      bytes[bucket] = (bytes[bucket] ?? 0) + (this.#marks[n + 1]?.[0] ?? this.end) - at;
      if (t - last >= SILENT) silences.push([last, t - last, at]);
      last = Math.max(last, t);
    }
    return { duration: whole, bytes, silences };
  }

  /** No place to begin but the first byte: all of it is here, and read from there. */
  index(): { size: number; entries: Entry[] } {
    return { size: this.end, entries: [] };
  }

  #begin(): void {
    this.#blocks.push(new Uint8Array(BLOCK));
    this.#before.push(this.lines);
  }

  /** A line that begins in a block before this offset. */
  #lineBefore(offset: number, line: number): { at: number; line: number } {
    for (let block = offset / BLOCK - 1; block >= 0; block--) {
      const place = (this.#blocks[block] as Bytes).lastIndexOf(NEWLINE);
      if (place >= 0) return { at: block * BLOCK + place + 1, line };
    }
    return { at: 0, line };
  }
}
