/** Brings parts into memory: those asked for last first, and what nobody looks at any more not at all. */

import type { Part } from "./part";

/** How many are read at once. */
const AT_ONCE = 2;

/** How many wait, those asked for last; the others are asked for again when they are seen again. */
const WAITING = 4;

/** What was asked for this long before makes way for what is asked for now, in ms. */
const OBSOLETE = 100;

/** How long to wait before what could not be read is asked for again, in ms. */
const REST = 1000;

interface Reading {
  abort: AbortController;
  asked: number;
  /** How many wait for it. */
  needed: number;
  done: Promise<void>;
}

export class PartReader {
  #waiting: Part[] = [];
  #reading = new Map<Part, Reading>();

  /** `read` brings one part into memory; `rested` is told when what could not be read may be asked for again. */
  constructor(
    private read: (part: Part, signal: AbortSignal) => Promise<void>,
    private rested: () => void,
  ) {}

  /** Somebody looks at a part. */
  want(part: Part): void {
    const reading = this.#reading.get(part);
    if (reading) {
      reading.asked = performance.now();
      return;
    }
    if (this.#waiting.at(-1) !== part)
      this.#waiting = [...this.#waiting.filter((other) => other !== part), part].slice(-WAITING);
    queueMicrotask(() => this.#next());
  }

  /** Resolves when a part is in memory; rejects when it can't be read. */
  async need(part: Part): Promise<void> {
    const reading = this.#reading.get(part) ?? this.#begin(part);
    reading.needed++;
    try {
      await reading.done;
    } finally {
      reading.needed--;
    }
  }

  stop(): void {
    this.#waiting = [];
    for (const { abort } of this.#reading.values()) abort.abort();
  }

  #next(): void {
    while (this.#waiting.length && this.#reading.size < AT_ONCE) {
      const part = this.#waiting.pop() as Part;
      if (!part.log && !this.#reading.has(part)) this.#begin(part).done.catch(() => setTimeout(this.rested, REST));
    }
    if (!this.#waiting.length) return;
    const now = performance.now();
    for (const { abort, asked, needed } of this.#reading.values()) if (!needed && now - asked > OBSOLETE) abort.abort();
  }

  #begin(part: Part): Reading {
    const abort = new AbortController();
    const done = this.read(part, abort.signal).finally(() => {
      this.#reading.delete(part);
      this.#next();
    });
    const reading = { abort, asked: performance.now(), needed: 0, done };
    this.#reading.set(part, reading);
    return reading;
  }
}
