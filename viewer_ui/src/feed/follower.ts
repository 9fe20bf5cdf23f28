/**
 * Keeps one copy of an append-only sequence whole: output by byte offset, events by sequence number.
 *
 * It has everything up to `have`. What is pushed is taken when it fits, skipped as far as it is there already, and
 * fetched when something before it is missing. So losing, repeating or reordering any message costs latency alone.
 */

import { Backoff } from "./backoff";

/** A piece of the sequence: bytes, a hole where they were, or a list of events. */
export interface Piece {
  readonly length: number;
  slice(from: number): this;
}

export interface Source<P extends Piece> {
  /** The pieces from `from` on, in order, at least up to `to` unless it fails; each is taken before the next is asked for. */
  fetch(from: number, to: number): AsyncIterable<P>;
  /** Takes the piece at `at`; resolves when there is room for more. */
  take(at: number, piece: P): Promise<void>;
  /** Everything known of has been taken, after some was fetched or after a hint. */
  caughtUp?(): void;
  /** Fetching failed (an error), or works again. */
  trouble?(error: unknown | undefined): void;
}

/** The most fetched with one request. */
const FETCH = 1024 * 1024;

/** The most that may wait to be taken before pushed pieces are dropped, to be fetched later. */
const WAITING = 1024 * 1024;

export class Follower<P extends Piece> {
  /** How far the sequence is known to reach. */
  end: number;
  #have: number;
  #waiting: { at: number; piece: P }[] = [];
  #waitingLength = 0;
  #running = false;
  #owes = false;
  #stopped = false;
  #backoff = new Backoff();

  constructor(
    from: number,
    private source: Source<P>,
  ) {
    this.end = from;
    this.#have = from;
  }

  /** Everything before this has been received. */
  get have(): number {
    return this.#have;
  }

  get behind(): number {
    return this.end - this.#have + this.#waitingLength;
  }

  /** A piece that was pushed to us. */
  push(at: number, piece: P): void {
    this.end = Math.max(this.end, at + piece.length);
    const fits = at <= this.#have && at + piece.length > this.#have;
    if (fits && this.#waitingLength < WAITING) this.#receive(at, piece);
    void this.#run();
  }

  /** The sequence is known to reach `end`. */
  grown(end: number): void {
    this.end = Math.max(this.end, end);
    void this.#run();
  }

  /** The same, from somebody who waits to hear that we have caught up, even if there is nothing to catch up with. */
  hinted(end: number): void {
    this.#owes = true;
    this.grown(end);
  }

  wake(): void {
    this.#backoff.wake();
  }

  stop(): void {
    this.#stopped = true;
    this.#backoff.wake();
  }

  #receive(at: number, piece: P): void {
    const fresh = at < this.#have ? piece.slice(this.#have - at) : piece;
    this.#waiting.push({ at: this.#have, piece: fresh });
    this.#waitingLength += fresh.length;
    this.#have += fresh.length;
    this.end = Math.max(this.end, this.#have);
  }

  async #run(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    while (!this.#stopped && (this.#waiting.length || this.#have < this.end)) {
      if (this.#waiting.length) await this.#takeWaiting();
      else await this.#fetch();
    }
    this.#running = false;
    if (!this.#owes || this.#stopped) return;
    this.#owes = false;
    this.source.caughtUp?.();
  }

  async #takeWaiting(): Promise<void> {
    for (let next = this.#waiting.shift(); next && !this.#stopped; next = this.#waiting.shift()) {
      await this.source.take(next.at, next.piece);
      this.#waitingLength -= next.piece.length;
    }
  }

  /** Fetches a bounded part of what is missing; waits a while when nothing came. */
  async #fetch(): Promise<void> {
    const from = this.#have;
    this.#owes = true;
    try {
      await this.#fetchPiece(from);
      this.source.trouble?.(undefined);
    } catch (error) {
      if (!this.#stopped) this.source.trouble?.(error);
    }
    if (this.#have > from) this.#backoff.reset();
    else if (!this.#stopped) await this.#backoff.wait();
  }

  async #fetchPiece(from: number): Promise<void> {
    let at = from;
    for await (const piece of this.source.fetch(from, Math.min(this.end, from + FETCH))) {
      // What was pushed meanwhile may have come further than this answer.
      if (at + piece.length > this.#have) this.#receive(at, piece);
      at += piece.length;
      await this.#takeWaiting();
      if (this.#stopped) return;
    }
  }
}
