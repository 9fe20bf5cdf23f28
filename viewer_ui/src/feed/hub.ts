/** What the hub gives over HTTP: a run's facts, its output by byte offset, its events by sequence number. */

import { authorization } from "../key";
import { Hole } from "../log/hole";
import type { Entry } from "../log/plan";
import type { Silent } from "../log/shown_log";
import type { Marks } from "../log/timing";
import type { Info, RunEvent } from "../protocol";
import { root } from "../root";
import { type Hit, type Progress, type Query, type Scope, search } from "../search/found";
import { piecesOf } from "./pieces";

/** The link is unknown, or was revoked: the hub doesn't tell which. */
export class NoSuchRun extends Error {}

/** The run is private, and the key of the hub that it takes is missing or wrong. */
export class KeyWanted extends Error {}

/** What was asked for begins in a hole of the hub's store, `[from, to)`. */
class Damaged extends Error {
  constructor(readonly hole: [number, number]) {
    super(`damaged from ${hole[0]} to ${hole[1]}`);
  }
}

/** How long the hub may be silent within an answer, in ms. */
const SILENCE = 20_000;

export class Hub {
  constructor(private token: string) {}

  info(): Promise<Info> {
    return this.json("info");
  }

  /** What the hub answers in JSON at a path below the link. */
  async json<T>(path: string): Promise<T> {
    const deadline = new Deadline();
    try {
      const response = await this.#get(path, deadline);
      return await response.json();
    } finally {
      deadline.stop();
    }
  }

  /** When output from byte `from` up to `to` was written, or as far as one answer tells. */
  timing(from: number, to: number): Promise<Marks> {
    return this.json(`timing?from=${from}&to=${to}`);
  }

  /** Where in the output is what, and how far that is known. */
  async index(): Promise<{ size: number; entries: Entry[] }> {
    type Fields = [at: number, line: number, t: number, drawn: number, style: string];
    const { size, entries } = await this.json<{ size: number; entries: Fields[] }>("index");
    return { size, entries: entries.map(([at, line, , drawn, style]) => ({ at, line, drawn: drawn !== 0, style })) };
  }

  /** The longest times without output, in no order. */
  async silences(): Promise<Silent[]> {
    const { silences } = await this.json<{ silences: [t: number, seconds: number, at: number][] }>("density?buckets=1");
    return silences.map(([, seconds, at]) => ({ at, seconds }));
  }

  /** The output from byte `from` up to `to` as it arrives, as far as the next hole; or the rest of the hole it is in. */
  async *output(from: number, to: number, signal?: AbortSignal): AsyncGenerator<Uint8Array<ArrayBuffer> | Hole> {
    try {
      yield* this.#stream(`output?from=${from}&to=${to}`, signal);
    } catch (error) {
      if (!(error instanceof Damaged)) throw error;
      const [begin, end] = error.hole;
      if (!(begin <= from && from < end)) throw error;
      yield new Hole(end - from);
    }
  }

  /** The last bytes of the output, `length` at most, and where they begin. */
  async last(length: number): Promise<{ at: number; data: Uint8Array }> {
    const deadline = new Deadline();
    try {
      const response = await this.#get("output", deadline, { Range: `bytes=-${length}` });
      const at = /^bytes (\d+)-/.exec(response.headers.get("Content-Range") ?? "")?.[1] ?? "0";
      return { at: Number(at), data: new Uint8Array(await response.arrayBuffer()) };
    } finally {
      deadline.stop();
    }
  }

  /** The events from `from` on, as they arrive. */
  async *events(from: number): AsyncGenerator<RunEvent[]> {
    const text = new TextDecoder();
    let rest = "";
    for await (const bytes of this.#stream(`events?from=${from}`)) {
      const lines = (rest + text.decode(bytes, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      if (lines.length) yield lines.map((line) => JSON.parse(line) as RunEvent);
    }
  }

  /** What events say, where they are encrypted; `at` is the place of the first in the sequence. */
  async opened(events: RunEvent[], _at: number): Promise<RunEvent[]> {
    return events;
  }

  /** The lines that are looked for, as they are found. */
  search(query: Query, scope: Scope, signal?: AbortSignal): AsyncGenerator<Hit | Progress> {
    return search(query, scope, signal);
  }

  async *#stream(path: string, signal?: AbortSignal): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    const deadline = new Deadline(signal);
    try {
      const { body } = await this.#get(path, deadline);
      if (!body) return;
      for await (const piece of piecesOf(body)) {
        deadline.stop(); // taking a piece may take longer than the hub may be silent
        yield piece;
        deadline.extend();
      }
    } finally {
      deadline.stop();
    }
  }

  async #get(path: string, deadline: Deadline, headers: Record<string, string> = {}): Promise<Response> {
    const { signal } = deadline;
    const all = { ...headers, ...authorization() };
    const response = await fetch(`${root()}r/${this.token}/${path}`, { signal, headers: all, cache: "no-store" });
    if (response.status === 401) throw new KeyWanted(path);
    if (response.status === 404) throw new NoSuchRun(path);
    if (response.status === 410) throw new Damaged((await response.json()).hole);
    if (!response.ok) throw new Error(`${path}: ${response.status}`);
    return response;
  }
}

/** Aborts a request that has been silent for too long. */
class Deadline {
  #abort = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** It is aborted by `signal`, too. */
  constructor(signal?: AbortSignal) {
    signal?.addEventListener("abort", () => this.#abort.abort(), { once: true });
    this.extend();
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  extend(): void {
    this.stop();
    this.#timer = setTimeout(() => this.#abort.abort(), SILENCE);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
