/** The screen as it was at any offset of the output: run forward to it, or begun anew shortly before it. */

import { Backoff } from "../feed/backoff";
import type { Hub } from "../feed/hub";
import type { Layout } from "../log/segments";
import type { Change } from "../replay/history";
import { Outline, type Start } from "./outline";
import { Reel } from "./reel";
import type { Tail } from "./tail";

/** How far before an offset a screen is begun: near first, and farther when something is left unknown. */
const BEFORE = [128 * 1024, 2 * 1024 * 1024];

/** More than this isn't run through from where it is: it is begun anew. */
const THROUGH = 512 * 1024;

/** A place to begin that is farther than this isn't used. */
const FAR = 4 * 1024 * 1024;

/** The most fetched at once. */
const FETCH = 512 * 1024;

export class Film {
  onChange: () => void = () => {};
  #reel: Reel | undefined;
  #to = 0;
  #running: Promise<void> | undefined;
  #outline: Outline;
  #backoff = new Backoff();
  #closed = false;

  /** `layout` is the terminal's size before all changes. */
  constructor(
    private hub: Pick<Hub, "output" | "json">,
    private tail: Pick<Tail, "from">,
    private layout: Layout,
    private changes: readonly Change[],
  ) {
    this.#outline = new Outline(hub);
  }

  /** The screen that is shown, once there is one, and where it is. */
  get reel(): Reel | undefined {
    return this.#reel;
  }

  /** Shows the screen at offset `to`; resolves when it, or what was asked for since, is shown. */
  show(to: number): Promise<void> {
    this.#to = to;
    this.#running ??= this.#run();
    return this.#running;
  }

  close(): void {
    this.#closed = true;
    this.#backoff.wake();
  }

  /** Ends with the last look at what is asked for, so that no request comes between the two. */
  async #run(): Promise<void> {
    await undefined; // it is `#running` from here on
    try {
      while (!this.#closed && this.#reel?.at !== this.#to) await this.#tryStep();
    } finally {
      this.#running = undefined;
    }
  }

  async #tryStep(): Promise<void> {
    try {
      await this.#step();
      this.#backoff.reset();
    } catch {
      if (!this.#closed) await this.#backoff.wait();
    }
    this.onChange();
  }

  async #step(): Promise<void> {
    const reel = this.#reel;
    if (reel && reel.at <= this.#to && this.#to - reel.at <= THROUGH) await this.#advance(reel, this.#to);
    else await this.#begin(this.#to);
  }

  /** Begins anew before `to`; what is shown stays until that is there. */
  async #begin(to: number): Promise<void> {
    for (const before of BEFORE) {
      const reel = new Reel(await this.#startFor(to, before), this.layout, this.changes);
      while (reel.at < to && this.#wants(reel)) await this.#advance(reel, to);
      if (reel.at < to) return;
      this.#reel = reel;
      this.onChange();
      if (!reel.start.at || !reel.screen.unknown) return;
    }
  }

  /** At a place where that is good if there is one in reach, else anywhere. */
  async #startFor(to: number, before: number): Promise<Start> {
    const start = await this.#outline.before(Math.max(0, to - before));
    return to - start.at > FAR ? { ...start, at: to - before, anywhere: true } : start;
  }

  async #advance(reel: Reel, to: number): Promise<void> {
    const wanted = () => this.#wants(reel);
    const kept = this.tail.from(reel.at);
    if (kept) return reel.run(reel.at, kept.subarray(0, to - reel.at), wanted);
    const from = reel.at;
    let at = from;
    for await (const piece of this.hub.output(at, Math.min(to, at + FETCH))) {
      await reel.run(at, piece, wanted);
      at += piece.length;
      if (!wanted()) return;
    }
    if (reel.at === from) throw new Error(`no output from ${from}`);
  }

  /** Whether to go on with it: nobody has asked for what is before it, or far behind. */
  #wants({ at }: Reel): boolean {
    return !this.#closed && at < this.#to && this.#to - at <= 2 * FAR;
  }
}
