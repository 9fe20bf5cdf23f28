/** Brings a run's output into a document: the end at once, then what comes before it, then what comes. */

import type { LogDocument } from "../log/document";
import { firstOutside, Hole, type Stretch } from "../log/hole";
import type { Entry } from "../log/plan";
import { INLINE_BYTES, type Info } from "../protocol";
import { Follower } from "./follower";
import type { Hub } from "./hub";

const NEWLINE = 10;

/** Up to this size everything is read; of more, what is looked at. */
const WHOLE = 16 * 1024 * 1024;

/** When more than this is known of and not shown, the end is shown first, and the rest is found by the hub's index. */
const FAR = 1024 * 1024;

/** So long a flood rests at an end that is shown, in ms, as nobody reads more of it; and so long after it what was left out. */
const REST = 100;
const CALM = 500;

/** How often the hub is asked for an index that reaches the end, before one that doesn't will do. */
const ATTEMPTS = 5;

/** A silence is over at the latest when this has passed since the last look, in ms. */
const SILENT_MS = 30_000;

/** The end of the output from a line's begin on, and how many newlines come before. */
export interface Tail {
  at: number;
  data: Uint8Array;
  linesBefore: number;
}

export interface Visit {
  /** Asks until the hub answers; undefined when it doesn't know the link. */
  patiently<T>(ask: () => Promise<T>): Promise<T | undefined>;
  /** Output is taken, for those who want it too. */
  taken(at: number, data: Stretch): void;
  caughtUp(): void;
  trouble(error: unknown | undefined): void;
}

/** The end of a run's output, as far as nothing is missing in it; `last` is what was its end a moment ago, if known. */
export async function tailOf(hub: Hub, run: Info, last?: { at: number; data: Uint8Array }): Promise<Tail> {
  if (last && last.at + last.data.length === run.size) return tailIn(last.at, last.data, run);
  const from = Math.max(run.size - INLINE_BYTES, run.holes.at(-1)?.[1] ?? 0);
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  for await (const piece of hub.output(from, run.size)) if (!(piece instanceof Hole)) pieces.push(piece);
  return tailIn(from, new Uint8Array(await new Blob(pieces).arrayBuffer()), run);
}

function tailIn(at: number, data: Uint8Array, run: Info): Tail {
  const cut = data.indexOf(NEWLINE) + 1;
  const lines = data.subarray(cut).reduce((n, byte) => n + (byte === NEWLINE ? 1 : 0), 0);
  return { at: at + cut, data: data.subarray(cut), linesBefore: Math.max(0, run.lines - lines) };
}

export class OutputFeed {
  #output: Follower<Stretch>;
  #whole: Follower<Stretch> | undefined;
  /** Counts the readings of the whole, of which the last one counts. */
  #readings = 0;
  #leaping = false;
  #leapt = false;
  #calm: ReturnType<typeof setTimeout> | undefined;
  #probing = false;
  /** When the hub was last asked for silences, by `performance.now()`. */
  #silencesRead = Number.POSITIVE_INFINITY;

  constructor(
    private hub: Hub,
    private document: LogDocument,
    private visit: Visit,
    private run: () => Info | undefined,
  ) {
    this.#output = this.#follow(document.end);
  }

  /** Everything before this has been received. */
  get have(): number {
    return this.#output.have;
  }

  /** Bytes known of and not shown yet. */
  get behind(): number {
    return this.#output.behind;
  }

  push(at: number, data: Uint8Array): void {
    this.#output.push(at, data);
    if (this.behind > FAR) void this.#leap();
  }

  grown(end: number): void {
    if (end - this.have > FAR) void this.#leap();
    else this.#output.grown(end);
  }

  /** The same, from somebody who waits to hear that we have caught up. */
  hinted(end: number): void {
    if (end - this.have > FAR) void this.#leap();
    else this.#output.hinted(end);
  }

  wake(): void {
    this.#output.wake();
    this.#whole?.wake();
  }

  stop(): void {
    clearTimeout(this.#calm);
    this.#output.stop();
    this.#whole?.stop();
    this.document.stop();
  }

  /** Reads all that comes before the tail beside what is shown, and shows it when it has caught up. */
  async readWhole(): Promise<void> {
    this.#whole?.stop();
    const reading = ++this.#readings;
    const entries = this.#leapt || this.#output.end > WHOLE ? await this.visit.patiently(() => this.#index()) : [];
    if (!entries || reading !== this.#readings) return;
    const whole = new Follower<Stretch>(this.document.beginWhole(entries), {
      fetch: (from, to) => this.hub.output(from, to),
      take: (at, data) => this.document.appendWhole(at, data),
      caughtUp: () => {
        // Up to all that was received, so that nothing is on its way to what is shown now.
        if (whole.have < this.have) return whole.grown(this.have);
        this.document.swap();
        void this.lookAgain();
      },
      trouble: (error) => this.visit.trouble(error),
    });
    this.#whole = whole;
    whole.hinted(this.document.end);
  }

  /** Reads everything anew once the hub has what was missing: it names the hole no more, and gives a byte of it. */
  async lookAgain(): Promise<void> {
    const holes = this.run()?.holes ?? [];
    const at = this.document.holes.map((hole) => firstOutside(hole, holes)).find((offset) => offset !== undefined);
    if (at === undefined || this.#probing) return;
    this.#probing = true;
    try {
      for await (const piece of this.hub.output(at, at + 1)) if (!(piece instanceof Hole)) void this.readWhole();
    } catch {
      // The next word of the run asks again.
    } finally {
      this.#probing = false;
    }
  }

  /** Asks when nothing was written: at first, and with what comes later, as that may end a silence. */
  async readSilences(): Promise<void> {
    this.#silencesRead = performance.now();
    const silences = await this.visit.patiently(() => this.hub.silences());
    if (silences) this.document.silences = silences;
  }

  #follow(from: number): Follower<Stretch> {
    return new Follower<Stretch>(from, {
      fetch: (at, to) => this.hub.output(at, to),
      take: (at, data) => this.#take(at, data),
      caughtUp: () => this.visit.caughtUp(),
      trouble: (error) => this.visit.trouble(error),
    });
  }

  async #take(at: number, data: Stretch): Promise<void> {
    this.visit.taken(at, data);
    if (performance.now() - this.#silencesRead > SILENT_MS) void this.readSilences();
    await this.document.append(at, data);
    if (this.document.overgrown) void this.#leap();
  }

  /** Goes on at the end; what was left out is read when it is looked at. */
  async #leap(): Promise<void> {
    if (this.#leaping) return;
    this.#leaping = true;
    const run = await this.visit.patiently(() => this.hub.info());
    const tail = run && (await this.visit.patiently(() => tailOf(this.hub, run)));
    if (tail) await this.#goOn(tail);
    this.#leaping = false;
    // Whoever said meanwhile that there is more is asked again.
    if (tail) this.#output.hinted(this.#output.end);
  }

  async #goOn(tail: Tail): Promise<void> {
    this.#output.stop();
    this.document.leap(tail.at, tail.linesBefore);
    this.#output = this.#follow(tail.at);
    this.#output.push(tail.at, tail.data);
    this.#leapt = true;
    clearTimeout(this.#calm);
    this.#calm = setTimeout(() => void this.readWhole(), CALM);
    await new Promise((rested) => setTimeout(rested, REST));
  }

  /** Where in the output is what, as far as what is shown. */
  async #index(): Promise<Entry[]> {
    for (let attempt = 1; ; attempt++) {
      const { size, entries } = await this.hub.index();
      if (size >= this.document.start || attempt === ATTEMPTS) return entries;
    }
  }
}
