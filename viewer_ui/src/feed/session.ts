/** One reader's visit: brings the output and events of a run into a document and keeps them whole. */

import { LogDocument } from "../log/document";
import { firstOutside, Hole, type Stretch } from "../log/hole";
import { layoutOf, markOf } from "../log/layout";
import { fold, nothing } from "../progress/fold";
import { type ErrorCode, INLINE_BYTES, type Info, type RunEvent } from "../protocol";
import { History } from "../replay/history";
import { Backoff } from "./backoff";
import { decodeBase64 } from "./base64";
import { Connection } from "./connection";
import { Follower } from "./follower";
import { Hub, NoSuchRun } from "./hub";

const NEWLINE = 10;

/** A silence is over at the latest when this has passed since the last look, in ms; a look misses none that is said. */
const SILENT_MS = 30_000;

/** How the visit goes, beside what the run and the document say. */
export interface Status {
  /** The hub's clock minus ours, in seconds. */
  skew: number;
  connected: boolean;
  /** The hub didn't answer our last request. */
  unreachable: boolean;
  refused: ErrorCode | undefined;
}

export class Session {
  run: Info | undefined;
  document: LogDocument | undefined;
  readonly progress = nothing();
  readonly history = new History(this.progress);
  readonly hub: Hub;
  status: Status = { skew: 0, connected: false, unreachable: false, refused: undefined };
  /** When the hub was last heard, in Unix seconds by our clock. */
  seen: number | undefined;
  #listeners = new Set<() => void>();
  #outputListeners = new Set<(at: number, data: Stretch) => void>();
  #connection: Connection;
  #output: Follower<Stretch> | undefined;
  #whole: Follower<Stretch> | undefined;
  #events: Follower<RunEvent[]> | undefined;
  #backoff = new Backoff();
  #probing = false;
  #stopped = false;
  /** When the hub was last asked for silences, by `performance.now()`. */
  #silencesRead = Number.POSITIVE_INFINITY;

  constructor(token: string) {
    this.hub = new Hub(token);
    this.#connection = new Connection(token, {
      position: () => ({ from: this.#output?.have ?? 0, events_from: this.#events?.have ?? 0 }),
      connected: (connected) => this.#say(connected ? { connected, unreachable: false } : { connected }),
      heard: () => {
        this.seen = Date.now() / 1000;
      },
      unreachable: () => this.#say({ unreachable: true }),
      refused: (refused) => this.#say({ refused }),
      watching: ({ run, end, events_end }) => {
        this.#setRun(run);
        this.#grown(end, events_end);
      },
      output: ({ at, data }) => this.#output?.push(at, decodeBase64(data)),
      grown: ({ end, events_end }) => {
        this.#events?.grown(events_end);
        this.#output?.hinted(end);
      },
      events: ({ events }) => this.#events?.push(events[0]?.seq ?? 0, events),
      run: (run) => this.#setRun(run),
    });
  }

  /** Calls `listener` after every change; returns what ends that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Calls `listener` with all output that comes, in order; what it was told already may come again. */
  onOutput(listener: (at: number, data: Stretch) => void): () => void {
    this.#outputListeners.add(listener);
    return () => this.#outputListeners.delete(listener);
  }

  /** Bytes of output known of and not shown yet. */
  get behind(): number {
    return this.#output?.behind ?? 0;
  }

  /** Shows the end of the output at once, then everything from the first byte, then what comes. */
  async start(): Promise<void> {
    const run = await this.#patiently(() => this.hub.info());
    if (!run) return;
    this.#setRun(run);
    const tail = run.size > INLINE_BYTES ? await this.#patiently(() => this.#tail(run)) : undefined;
    const timing = (from: number, to: number) => this.hub.timing(from, to);
    const document = new LogDocument(layoutOf(run), tail?.at, tail?.linesBefore, timing);
    document.onChange = () => this.#changed();
    document.now = () => this.time;
    this.document = document;
    this.#output = this.#followOutput(document, tail?.at ?? 0);
    if (tail) this.#output.push(tail.at, tail.data);
    // Where the terminal changed its size or output is missing is known before the bytes are drawn.
    await this.#followEvents(document, run.events);
    if (tail) this.#readWhole(document);
    this.#output.grown(run.size);
    void this.#readSilences(document);
    await this.#connection.run();
  }

  /** Checks at once whether everything is there: after sleep, or when the network is back. */
  wake(): void {
    for (const part of [this.#backoff, this.#output, this.#whole, this.#events, this.#connection]) part?.wake();
  }

  /** Ends the visit. */
  stop(): void {
    this.#stopped = true;
    this.#backoff.wake();
    for (const part of [this.#output, this.#whole, this.#events, this.#connection]) part?.stop();
  }

  /** Asks until the hub answers; undefined when it doesn't know the link, or nobody waits for it any more. */
  async #patiently<T>(ask: () => Promise<T>): Promise<T | undefined> {
    for (;;) {
      try {
        const answer = await ask();
        this.#trouble(undefined);
        return answer;
      } catch (error) {
        this.#trouble(error);
        if (error instanceof NoSuchRun || this.#stopped) return undefined;
        await this.#backoff.wait();
      }
    }
  }

  /** The last whole lines, as far as nothing is missing in them, and how many newlines come before. */
  async #tail(run: Info): Promise<{ at: number; data: Uint8Array; linesBefore: number }> {
    const from = Math.max(run.size - INLINE_BYTES, run.holes.at(-1)?.[1] ?? 0);
    const pieces: Uint8Array<ArrayBuffer>[] = [];
    for await (const piece of this.hub.output(from, run.size)) if (!(piece instanceof Hole)) pieces.push(piece);
    const data = new Uint8Array(await new Blob(pieces).arrayBuffer());
    const cut = data.indexOf(NEWLINE) + 1;
    const lines = data.subarray(cut).reduce((n, byte) => n + (byte === NEWLINE ? 1 : 0), 0);
    return { at: from + cut, data: data.subarray(cut), linesBefore: Math.max(0, run.lines - lines) };
  }

  #followOutput(document: LogDocument, from: number): Follower<Stretch> {
    return new Follower<Stretch>(from, {
      fetch: (at, to) => this.hub.output(at, to),
      take: (at, data) => {
        for (const listener of this.#outputListeners) listener(at, data);
        if (performance.now() - this.#silencesRead > SILENT_MS) void this.#readSilences(document);
        return document.append(at, data);
      },
      caughtUp: () => {
        void this.#connection.watch();
        this.#changed();
      },
      trouble: (error) => this.#trouble(error),
    });
  }

  /** Asks when nothing was written: at first, and with what comes later, as that may end a silence. */
  async #readSilences(document: LogDocument): Promise<void> {
    this.#silencesRead = performance.now();
    try {
      document.silences = await this.hub.silences();
    } catch {
      // The next output asks again.
    }
  }

  /** Resolves once the first `known` events are there. */
  async #followEvents(document: LogDocument, known: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const caughtUp = () => {
        resolve();
        void this.#connection.watch();
      };
      this.#events = new Follower<RunEvent[]>(0, {
        fetch: (from) => this.hub.events(from),
        take: async (_, events) => this.#takeEvents(document, events),
        caughtUp,
        trouble: (error) => this.#trouble(error),
      });
      if (known) this.#events.grown(known);
      else resolve();
    });
  }

  #takeEvents(document: LogDocument, events: RunEvent[]): void {
    for (const event of events) {
      fold(this.progress, event);
      this.history.add(event);
    }
    const marks = events.map(markOf).filter((mark) => mark !== undefined);
    const placed = marks.map((mark) => document.mark(mark));
    if (placed.includes(false)) this.#readWhole(document);
  }

  /** Reads everything from the first byte beside what is shown, and shows it when it has caught up. */
  #readWhole(document: LogDocument): void {
    this.#whole?.stop();
    document.beginWhole();
    const whole = new Follower<Stretch>(0, {
      fetch: (from, to) => this.hub.output(from, to),
      take: (at, data) => document.appendWhole(at, data),
      caughtUp: () => {
        // Up to all that was received, so that nothing is on its way to what is shown now.
        const end = this.#output?.have ?? 0;
        if (whole.have < end) return whole.grown(end);
        document.swap();
        void this.#lookAgain();
      },
      trouble: (error) => this.#trouble(error),
    });
    this.#whole = whole;
    whole.grown(document.end);
  }

  /** Reads everything anew once the hub has what was missing: it names the hole no more, and gives a byte of it. */
  async #lookAgain(): Promise<void> {
    const { document, run } = this;
    const at = document?.holes
      .map((hole) => firstOutside(hole, run?.holes ?? []))
      .find((offset) => offset !== undefined);
    if (!document || at === undefined || this.#probing) return;
    this.#probing = true;
    try {
      for await (const piece of this.hub.output(at, at + 1)) if (!(piece instanceof Hole)) this.#readWhole(document);
    } catch {
      // The next word of the run asks again.
    } finally {
      this.#probing = false;
    }
  }

  /** Seconds since the run's start, up to its end. */
  get time(): number {
    if (!this.run) return 0;
    return (this.run.ended ?? Date.now() / 1000 + this.status.skew) - this.run.started;
  }

  #grown(end: number, eventsEnd: number): void {
    this.#events?.grown(eventsEnd);
    this.#output?.grown(end);
  }

  #setRun(run: Info): void {
    this.run = run;
    this.seen = Date.now() / 1000;
    this.#say({ skew: run.now - this.seen, refused: undefined });
    void this.#lookAgain();
  }

  #trouble(error: unknown): void {
    if (error === undefined) this.seen = Date.now() / 1000;
    const gone = error instanceof NoSuchRun;
    this.#say(gone ? { refused: "bad_link" } : { unreachable: error !== undefined });
  }

  #say(status: Partial<Status>): void {
    this.status = { ...this.status, ...status };
    this.#changed();
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}
