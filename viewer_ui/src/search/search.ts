/** One search through the whole log, from where the reader is; it goes on as the run does. */

import { type Find, type Hit, isHit, type Query, Refused, type Scope } from "./found";
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
      this.trouble = error instanceof Refused ? error.message : "";
    }
    this.busy = false;
    this.onChange();
    this.#again();
  }

  async #goOn(): Promise<void> {
    this.#asked = this.end;
    this.#next = await this.#look({ from: this.#next });
  }

  /** Returns how far it has come. */
  async #look(scope: Scope): Promise<number> {
    let { from: to } = scope;
    const covered = this.#covered;
    for await (const found of this.find(this.query, { ...scope, limit: LIMIT }, this.#abort.signal)) {
      if (isHit(found)) this.#take(found);
      else {
        to = found.to;
        this.limited ||= found.limited === true;
        this.#covered = covered + to - scope.from;
      }
      this.onChange();
    }
    return to;
  }

  #take(hit: Hit): void {
    if (this.keeps(hit)) this.hits.add({ ...hit, text: "" });
  }
}
