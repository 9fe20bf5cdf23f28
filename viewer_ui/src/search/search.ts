/** One search through the whole log, from where the reader is; it goes on as the run does. */

import { Backoff } from "../feed/backoff";
import { type Find, type Hit, isHit, type Progress, type Query, Refused, type Scope } from "./found";
import { Hits } from "./hits";

/** How long what has come meanwhile may wait to be searched, in ms. */
const PAUSE = 500;

/** How many lines are looked for at most, behind the place where a search begins and before it. */
const LIMIT = 10_000;

export class Search {
  onChange: () => void = () => {};
  readonly hits = new Hits();
  /** There may be more: the hub has found enough, or it took too long. */
  limited = false;
  busy = true;
  /** Why it can't be searched, in a sentence if the hub has one. */
  trouble: string | undefined;
  #abort = new AbortController();
  #backoff = new Backoff();
  /** Where the next look begins, and up to where there was output when the last one did. */
  #next: number;
  #asked = 0;
  #covered = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Begins at offset `from` of output that has come up to `end`, and then takes what is before. */
  constructor(
    private find: Find,
    readonly query: Query,
    from: number,
    private end: number,
    private keeps: (hit: Hit) => boolean = () => true,
  ) {
    this.#next = from;
    void this.#try(async () => {
      await this.#goOn();
      if (from > 0) await this.#look({ from: 0, to: from });
    });
  }

  /** How much of the output has been searched, from 0 to 1. */
  get share(): number {
    return this.end ? Math.min(1, this.#covered / this.end) : 1;
  }

  stop(): void {
    this.#abort.abort();
    this.#backoff.wake();
    clearTimeout(this.#timer);
    this.onChange = () => {};
  }

  /** Output has come up to `end`. */
  grown(end: number): void {
    this.end = Math.max(this.end, end);
    this.#again();
  }

  #again(): void {
    if (this.busy || this.limited || this.trouble !== undefined || this.end <= this.#asked) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.#try(() => this.#goOn());
    }, PAUSE);
  }

  async #try(act: () => Promise<void>): Promise<void> {
    this.busy = true;
    try {
      await act();
    } catch (error) {
      if (this.#abort.signal.aborted) return;
      this.#fail(error);
    }
    this.busy = false;
    this.onChange();
    this.#again();
  }

  async #goOn(): Promise<void> {
    this.#asked = this.end;
    this.#next = await this.#look({ from: this.#next });
  }

  /** Returns how far it has come, after as many attempts as it takes. */
  async #look(scope: Scope): Promise<number> {
    for (let { from } = scope; ; ) {
      try {
        const asked = { ...scope, from, limit: LIMIT };
        for await (const found of this.find(this.query, asked, this.#abort.signal)) from = this.#hear(found, from);
        this.#backoff.reset();
        return from;
      } catch (error) {
        await this.#rest(error);
      }
    }
  }

  /** Returns how far it has come from `from`. */
  #hear(found: Hit | Progress, from: number): number {
    const to = isHit(found) ? from : found.to;
    if (isHit(found)) this.#take(found);
    else this.limited ||= found.limited === true;
    this.#covered += to - from;
    this.trouble = undefined;
    this.onChange();
    return to;
  }

  /** Until it can be tried again; throws what will be the same then. */
  async #rest(error: unknown): Promise<void> {
    if (this.#abort.signal.aborted || (error instanceof Refused && error.final)) throw error;
    this.#fail(error);
    this.onChange();
    await this.#backoff.wait();
    this.#abort.signal.throwIfAborted();
  }

  #fail(error: unknown): void {
    this.trouble = error instanceof Refused ? error.message : "";
  }

  #take(hit: Hit): void {
    if (this.keeps(hit)) this.hits.add({ ...hit, text: "" });
  }
}
