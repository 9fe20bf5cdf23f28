/** The runs of a hub as far as they are loaded, the newest first, kept up to date. */

import { Backoff } from "../feed/backoff";
import { type ErrorCode, LISTED_RUNS, type ListedRun } from "../protocol";
import { ListConnection } from "./connection";
import { type OwnersHub, Refused, WrongKey } from "./owners_hub";

/** How the visit goes. */
export interface Status {
  /** The hub's clock minus ours, in seconds. */
  skew: number;
  connected: boolean;
  /** The first page has come. */
  loaded: boolean;
  /** Older runs are being loaded. */
  loading: boolean;
  /** There are no older runs than those loaded. */
  whole: boolean;
  refused: ErrorCode | undefined;
}

export class Runs {
  status: Status = {
    skew: 0,
    connected: false,
    loaded: false,
    loading: false,
    whole: false,
    refused: undefined,
  };
  /** When the hub was last heard, in Unix seconds by our clock. */
  seen: number | undefined;
  #known = new Map<string, ListedRun>();
  #sorted: ListedRun[] | undefined;
  /** How many runs have come page by page, and the last of them. */
  #listed = 0;
  #last: string | undefined;
  /** Those told of while pages are asked for: they are there, in whatever page they would have been. */
  #told = new Set<string>();
  /** Those deleted meanwhile: a page that was on its way doesn't bring them back. */
  #gone = new Set<string>();
  #asking: Promise<void> = Promise.resolve();
  #listeners = new Set<() => void>();
  #backoff = new Backoff();
  #connection: ListConnection;

  constructor(readonly hub: OwnersHub) {
    this.#connection = new ListConnection(hub.key, {
      connected: (connected) => {
        this.#say(connected ? { connected, refused: undefined } : { connected });
        if (connected) void this.refresh();
      },
      heard: () => {
        this.seen = Date.now() / 1000;
      },
      refused: (refused) => this.#refuse(refused),
      runs: ({ runs, gone }) => {
        for (const run of runs) this.#take(run);
        for (const id of gone) this.forget(id);
        this.#changed();
      },
      missed: () => void this.refresh(),
    });
  }

  /** The runs that are loaded, the newest first. */
  get all(): ListedRun[] {
    this.#sorted ??= [...this.#known.values()].sort((a, b) => b.started - a.started || (a.id < b.id ? 1 : -1));
    return this.#sorted;
  }

  /** Calls `listener` after every change; returns what ends that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  start(): Promise<void> {
    return this.#connection.run();
  }

  /** Tries again at once: the network is back, or somebody looks. */
  wake(): void {
    this.#backoff.wake();
    this.#connection.wake();
  }

  /** Loads the page behind the last one. */
  older(): void {
    if (this.status.loading || this.status.whole || !this.status.loaded) return;
    this.#say({ loading: true });
    this.#ask(async () => {
      const page = await this.hub.page(this.#last);
      this.#listed += page.length;
      this.#append(page);
    });
  }

  /** Asks anew for as much as was loaded: something may have been missed. */
  refresh(): Promise<void> {
    return this.#ask(() => this.#reload());
  }

  /** Takes a run out of the list: it was deleted. */
  forget(id: string): void {
    this.#gone.add(id);
    this.#drop(id);
  }

  /** Notes what was done with a run, before the hub tells so. */
  change(id: string, change: Partial<ListedRun>): void {
    const run = this.#known.get(id);
    if (run) this.#put({ ...run, ...change });
    this.#changed();
  }

  async #reload(): Promise<void> {
    this.#told.clear();
    this.#gone.clear();
    const here = new Set<string>();
    let page: ListedRun[];
    this.#last = undefined;
    do {
      page = await this.hub.page(this.#last);
      for (const { id } of page) here.add(id);
      this.#append(page);
    } while (page.length === LISTED_RUNS && here.size < this.#listed);
    this.#listed = here.size;
    for (const id of this.#known.keys()) if (!here.has(id) && !this.#told.has(id)) this.#drop(id);
  }

  #drop(id: string): void {
    this.#known.delete(id);
    this.#sorted = undefined;
    this.#changed();
  }

  /** One question after the other, each tried until the hub answers. */
  #ask(question: () => Promise<void>): Promise<void> {
    this.#asking = this.#asking.then(() => this.#patiently(question));
    return this.#asking;
  }

  async #patiently(question: () => Promise<void>): Promise<void> {
    for (let ask = question; ; ) {
      try {
        await ask();
        this.#backoff.reset();
        return this.#say({ loaded: true, loading: false });
      } catch (error) {
        if (error instanceof WrongKey) return this.#refuse("bad_key");
        // Once it is connected again everything is asked for anew.
        if (!this.status.connected) return this.#say({ loading: false });
        await this.#backoff.wait();
        // The run behind which a page begins may have been deleted.
        if (error instanceof Refused) ask = () => this.#reload();
      }
    }
  }

  #append(page: ListedRun[]): void {
    for (const run of page) if (!this.#gone.has(run.id)) this.#put(run);
    this.#last = page.at(-1)?.id ?? this.#last;
    this.seen = Date.now() / 1000;
    const now = page[0]?.now;
    this.#say({ whole: page.length < LISTED_RUNS, ...(now === undefined ? {} : { skew: now - this.seen }) });
  }

  #take(run: ListedRun): void {
    this.#told.add(run.id);
    this.#gone.delete(run.id);
    this.#put(run);
    this.status.skew = run.now - Date.now() / 1000;
  }

  /** An answer that was long on its way is no news. */
  #put(run: ListedRun): void {
    const known = this.#known.get(run.id);
    if (known && known.now > run.now) return;
    this.#known.set(run.id, run);
    this.#sorted = undefined;
  }

  #refuse(refused: ErrorCode): void {
    if (refused === "bad_key" || refused === "bad_protocol") this.#connection.stop();
    this.#say({ refused, loading: false });
  }

  #say(status: Partial<Status>): void {
    this.status = { ...this.status, ...status };
    this.#changed();
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}
