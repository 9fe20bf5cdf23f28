/** One reader's visit: brings the output and events of a run into a document and keeps them whole. */

import { stepOf } from "../control/steps";
import { LogDocument } from "../log/document";
import type { Stretch } from "../log/hole";
import { layoutOf, markOf } from "../log/layout";
import { fold, nothing } from "../progress/fold";
import { type ErrorCode, INLINE_BYTES, type Info, type Role, type RunEvent } from "../protocol";
import { sharedFragment } from "../reading/place";
import { History } from "../replay/history";
import { Backoff } from "./backoff";
import { decodeBase64 } from "./base64";
import { Connection } from "./connection";
import { Follower } from "./follower";
import { Hub, KeyWanted, NoSuchRun } from "./hub";
import { OutputFeed, tailOf, type Visit } from "./output_feed";
import { Requests } from "./requests";
import type { SealedHub } from "./sealed/sealed_hub";

/** How the visit goes, beside what the run and the document say. */
export interface Status {
  /** The hub's clock minus ours, in seconds. */
  skew: number;
  connected: boolean;
  /** The hub didn't answer our last request. */
  unreachable: boolean;
  refused: ErrorCode | undefined;
  /** The run is encrypted, and the link has no key, or another run's; or it isn't, and the link says that it is. */
  locked: "no_key" | "wrong_key" | "unsealed" | undefined;
}

export class Session {
  run: Info | undefined;
  /** What this visitor's link allows. */
  role: Role = "view";
  document: LogDocument | undefined;
  readonly progress = nothing();
  readonly history = new History(this.progress);
  readonly requests = new Requests(
    (request) => this.#connection.control(request),
    () => this.#changed(),
  );
  hub: Hub;
  /** The same, where the run is end-to-end encrypted. */
  sealed: SealedHub | undefined;
  status: Status = { skew: 0, connected: false, unreachable: false, refused: undefined, locked: undefined };
  /** When the hub was last heard, in Unix seconds by our clock. */
  seen: number | undefined;
  #listeners = new Set<() => void>();
  #outputListeners = new Set<(at: number, data: Stretch) => void>();
  #connection: Connection;
  #output: OutputFeed | undefined;
  #events: Follower<RunEvent[]> | undefined;
  #backoff = new Backoff();
  #stopped = false;

  constructor(private token: string) {
    this.hub = new Hub(token);
    this.#connection = new Connection(token, {
      position: () => ({ from: this.#received?.have ?? 0, events_from: this.#events?.have ?? 0 }),
      connected: (connected) => {
        this.#say(connected ? { connected, unreachable: false } : { connected });
        if (connected) this.requests.connected();
      },
      heard: () => {
        // A hub that turns us away says nothing of the run.
        if (!this.status.refused) this.seen = Date.now() / 1000;
      },
      unreachable: () => this.#say({ unreachable: true }),
      refused: (refused) => this.#say({ refused }),
      watching: ({ run, end, events_end }) => {
        this.#setRun(run);
        this.#grown(end, events_end);
      },
      output: ({ at, data }) => this.#received?.push(at, decodeBase64(data)),
      grown: ({ end, events_end }) => {
        this.#events?.grown(events_end);
        this.#received?.hinted(end);
      },
      events: ({ events }) => this.#events?.push(events[0]?.seq ?? 0, events),
      run: (run) => this.#setRun(run),
      controlResult: (result) => this.requests.result(result),
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

  /** Bytes of output known of; of an encrypted run, as many at least. */
  get size(): number {
    return this.sealed ? this.sealed.end + this.sealed.behind : (this.run?.size ?? 0);
  }

  /** Bytes of output known of and not shown yet. */
  get behind(): number {
    return (this.#output?.behind ?? 0) + (this.sealed?.behind ?? 0);
  }

  /**
   * Shows the end of the output at once, then everything from the first byte, then what comes; what events are said to
   * be, in the language that is `spoken` then.
   */
  async start(spoken: Promise<void> = Promise.resolve()): Promise<void> {
    // Asked for beside the facts of the run, as it is mostly wanted; where it isn't to be had, it is asked for again.
    const last = this.hub.last(INLINE_BYTES).catch(() => undefined);
    const told = await this.#patiently(() => this.hub.info());
    if (!told || !(await this.#unlock(told))) return;
    const run = this.#setRun(told);
    const end = run.size > INLINE_BYTES ? await last : undefined;
    const tail = run.size > INLINE_BYTES ? await this.#patiently(() => tailOf(this.hub, run, end)) : undefined;
    if (this.#stopped) return;
    const document = new LogDocument(layoutOf(run), tail?.at, tail?.linesBefore, this.hub);
    document.onChange = () => this.#changed();
    document.now = () => this.time;
    this.document = document;
    this.#output = new OutputFeed(this.hub, document, this.#visit, () => this.run);
    if (tail) this.#output.push(tail.at, tail.data);
    // Where the terminal changed its size or output is missing is known before the bytes are drawn.
    await spoken;
    if (this.#stopped) return;
    await this.#followEvents(document, run.events);
    if (tail) void this.#output.readWhole();
    this.#output.grown(run.size);
    void this.#output.readSilences();
    this.#open();
    await this.#connection.run();
  }

  /** Checks at once whether everything is there: after sleep, or when the network is back. */
  wake(): void {
    for (const part of [this.#backoff, this.#output, this.sealed, this.#events, this.#connection]) part?.wake();
  }

  /** Ends the visit. */
  stop(): void {
    this.#stopped = true;
    this.#backoff.wake();
    for (const part of [this.#output, this.sealed, this.#events, this.#connection]) part?.stop();
  }

  /** Asks until the hub answers; undefined when it doesn't know the link, or nobody waits for it any more. */
  async #patiently<T>(ask: () => Promise<T>): Promise<T | undefined> {
    for (;;) {
      try {
        const answer = await ask();
        this.#trouble(undefined);
        return this.#stopped ? undefined : answer;
      } catch (error) {
        this.#trouble(error);
        if (refusalOf(error) || this.#stopped) return undefined;
        await this.#backoff.wait();
      }
    }
  }

  get #visit(): Visit {
    return {
      patiently: (ask) => this.#patiently(ask),
      taken: (at, data) => {
        for (const listener of this.#outputListeners) listener(at, data);
      },
      caughtUp: () => {
        void this.#connection.watch();
        // What was opened meanwhile the hub can't tell of.
        if (this.sealed) this.#output?.grown(this.sealed.end);
        this.#changed();
      },
      trouble: (error) => this.#trouble(error),
    };
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
        take: async (at, events) => this.#takeEvents(document, await this.hub.opened(events, at)),
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
      const step = stepOf(event);
      if (step) this.requests.step(step);
    }
    const marks = events.map(markOf).filter((mark) => mark !== undefined);
    const placed = marks.map((mark) => document.mark(mark));
    if (placed.includes(false)) void this.#output?.readWhole();
  }

  /** Seconds since the run's start, up to its end. */
  get time(): number {
    if (!this.run) return 0;
    return (this.run.ended ?? Date.now() / 1000 + this.status.skew) - this.run.started;
  }

  #grown(end: number, eventsEnd: number): void {
    this.#events?.grown(eventsEnd);
    this.#received?.grown(end);
  }

  /** What takes output as it comes from the hub. */
  get #received(): OutputFeed | SealedHub | undefined {
    return this.sealed ?? this.#output;
  }

  /** Has an encrypted run read by way of its link's key; whether the run can be read. */
  async #unlock(told: Info): Promise<boolean> {
    if (told.sealed === undefined) {
      // A hub that leaves out that a run is encrypted could show anything in its place.
      const sealed = sharedFragment(location.hash) !== "";
      if (sealed) this.#say({ locked: "unsealed" });
      return !sealed;
    }
    // What opens it is fetched, too, and asked for again where the network is away.
    const found = await this.#patiently(async () => {
      const { sealedHub } = await import("./sealed/sealed_hub");
      return sealedHub(this.token, told, location.hash);
    });
    if (typeof found === "string") this.#say({ locked: found });
    else if (found) this.hub = this.sealed = found;
    return this.sealed !== undefined;
  }

  /** Begins to open what is encrypted. */
  #open(): void {
    this.sealed?.follow({
      grown: (end) => this.#output?.grown(end),
      caughtUp: () => this.#visit.caughtUp(),
      trouble: (error) => this.#trouble(error),
    });
  }

  #setRun(told: Info): Info {
    const run = this.sealed?.read(told) ?? told;
    this.run = run;
    this.role = run.role ?? this.role;
    this.seen = Date.now() / 1000;
    this.#say({ skew: run.now - this.seen, refused: undefined });
    void this.#output?.lookAgain();
    return run;
  }

  #trouble(error: unknown): void {
    if (error === undefined) this.seen = Date.now() / 1000;
    const refused = refusalOf(error);
    this.#say(refused ? { refused } : { unreachable: error !== undefined });
  }

  #say(status: Partial<Status>): void {
    this.status = { ...this.status, ...status };
    this.#changed();
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** The code of an answer after which there is no point in asking again. */
function refusalOf(error: unknown): ErrorCode | undefined {
  if (error instanceof KeyWanted) return "bad_key";
  return error instanceof NoSuchRun ? "bad_link" : undefined;
}
