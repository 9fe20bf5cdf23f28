/**
 * An end-to-end encrypted run, as a hub would give it that can read it.
 *
 * All of its ciphertext is followed from the first byte on, opened record by record and kept; what the page asks for by
 * offset is answered from that.
 */

import { fieldsOf, numberOf } from "../../progress/fields";
import type { Info, RunEvent } from "../../protocol";
import type { Hit, Progress, Query, Scope } from "../../search/found";
import { decodeBase64 } from "../base64";
import { Follower } from "../follower";
import { Hub } from "../hub";
import { type Bytes, keyIn, type Openers, openersFor } from "./cipher";
import { type Ending, fileOf, OF_EVENTS } from "./files";
import { find } from "./find";
import { Plain } from "./plain";
import { Records, Tampered } from "./records";

/** So much ciphertext is read at most, and its text kept in memory. */
const MOST = 128 * 1024 * 1024;

/** The metric of what the job's processes take, as their sampler calls it. */
const MEMORY = "process/memory";

/** Of a run's facts those that only its runner knows: whatever a hub says of them is not shown. */
const UNTOLD = {
  name: "",
  command: [],
  cwd: "",
  host: "",
  user: "",
  pty: false,
  tasks: [],
  metrics: {},
  notes: { warning: 0, error: 0 },
  progress: null,
};

export interface Visitor {
  /** The output has come up to `end`. */
  grown(end: number): void;
  /** All ciphertext known of has come. */
  caughtUp(): void;
  trouble(error: unknown | undefined): void;
}

/** The run of which the hub has told this, by the key in a fragment; or what is wrong with that. */
export async function sealedHub(
  token: string,
  told: Info,
  fragment: string,
): Promise<SealedHub | "no_key" | "wrong_key"> {
  const key = keyIn(fragment);
  if (!key) return "no_key";
  const openers = await openersFor(key);
  try {
    const meta = (await opened(openers.meta, told.sealed ?? "", new Uint8Array())) as Partial<Info>;
    return new SealedHub(token, told, meta, openers);
  } catch {
    return "wrong_key";
  }
}

export class SealedHub extends Hub {
  /** Why output isn't shown from some byte on. */
  #cut: "large" | "tampered" | undefined;
  /** There is an event that can't be opened where it stands; output is sealed by itself, and goes on. */
  #unopened = false;
  /** How much output its runner has recorded, once the end of the run has been opened. */
  #size = 0;
  /** The most memory that the job's processes were seen to take. */
  #peak: number | null = null;
  #plain = new Plain();
  #records: Records;
  #follower: Follower<Uint8Array> | undefined;
  #arrived: () => void = () => {};
  /** Resolves once all that was known of at first has been opened. */
  #whole = new Promise<void>((resolve) => {
    this.#arrived = resolve;
  });

  constructor(
    token: string,
    private told: Info,
    private meta: Partial<Info>,
    private openers: Openers,
  ) {
    super(token);
    this.#records = new Records(openers.output);
  }

  /** Follows the output until `stop`. */
  follow(visitor: Visitor): void {
    this.#follower = new Follower<Uint8Array>(0, {
      fetch: (from, to) => this.#ciphertext(from, to),
      take: (_, piece) => this.#take(piece, visitor),
      caughtUp: () => {
        this.#arrived();
        visitor.caughtUp();
      },
      trouble: (error) => visitor.trouble(error),
    });
    this.hinted(this.told.size);
  }

  /** How much ciphertext was received, and how much of it is known of and was not. */
  get have(): number {
    return this.#follower?.have ?? 0;
  }

  /** Bytes of output that were opened. */
  get end(): number {
    return this.#plain.end;
  }

  /** Why not all of the run is shown: there is too much of it, or some isn't what the runner has encrypted. */
  get trouble(): "large" | "tampered" | undefined {
    // Behind events that it has no room for, a hub counts anew: then it is said that some are missing.
    const forged = this.#unopened && !this.told.limited.includes("events");
    return this.#cut ?? (forged ? "tampered" : undefined);
  }

  /** Before anything is asked for, all that the hub tells of is still to come. */
  get behind(): number {
    if (this.#cut === "tampered") return 0;
    return this.#follower?.behind ?? Math.min(this.told.size, MOST);
  }

  /** Bytes of output that the hub keeps back: the run is over, all was opened that it says there is, and more was written. */
  get missing(): number {
    const all = this.told.ended !== null && this.have >= this.told.size && !this.behind && !this.#cut;
    return all ? Math.max(0, this.#size - this.#plain.end) : 0;
  }

  push(at: number, piece: Uint8Array): void {
    if (this.#fits(at + piece.length)) this.#follower?.push(at, piece);
  }

  grown(end: number): void {
    this.#follower?.grown(this.#fits(end) ? end : MOST);
  }

  hinted(end: number): void {
    this.#follower?.hinted(this.#fits(end) ? end : MOST);
  }

  wake(): void {
    this.#follower?.wake();
  }

  stop(): void {
    this.#follower?.stop();
  }

  /** The run as it is, of which the hub has told this. */
  read(told: Info): Info {
    this.told = told;
    const { end: size, lines } = this.#plain;
    const { tags, git, environment, ...known } = told;
    const complete = told.complete && !this.trouble;
    // What the hub says of holes and sums is about the ciphertext.
    const ours = { peak_memory: this.#peak, size, lines, complete, holes: [], sha256: null };
    return { ...known, ...UNTOLD, ...this.meta, ...ours };
  }

  override async info(): Promise<Info> {
    return this.read(this.told);
  }

  override async *output(from: number, to: number): AsyncGenerator<Bytes> {
    yield* this.#plain.read(from, to);
  }

  override async last(length: number): Promise<{ at: number; data: Uint8Array }> {
    const at = Math.max(0, this.#plain.end - length);
    return { at, data: await this.#bytes(at) };
  }

  override async json<T>(path: string): Promise<T> {
    const [what = "", query] = path.split("?");
    const asked = new URLSearchParams(query);
    const number = (name: string) => Number(asked.get(name));
    if (what === "density" || what === "at") await this.#whole;
    const duration = (this.told.ended ?? this.told.heard) - this.told.started;
    const answers: Record<string, () => unknown> = {
      timing: () => this.#plain.timing(number("from"), number("to")),
      density: () => this.#plain.density(duration, number("buckets")),
      at: () => this.#plain.at(number("t")),
      index: () => this.#plain.index(),
    };
    return answers[what]?.() as T;
  }

  /** What events say, in their order; what isn't encrypted, or not for this place, is not the runner's. */
  override async opened(events: RunEvent[], at: number): Promise<RunEvent[]> {
    const found = await Promise.all(events.map((event, n) => this.#event(event, at + n)));
    for (const event of found) this.#note(event);
    return found;
  }

  override search(query: Query, scope: Scope, signal?: AbortSignal): AsyncGenerator<Hit | Progress> {
    return find(this.#plain, query, scope, signal);
  }

  /** What of other runs the hub gives to keep: all that was known of at first, and what has come since. */
  async file(ending: Ending): Promise<Blob> {
    await this.#whole;
    const events: RunEvent[] = [];
    if (OF_EVENTS.includes(ending))
      for await (const some of this.events(0))
        for (const event of await this.opened(some, events.length)) events.push(event);
    return fileOf(ending, this.read(this.told), this.#plain, events);
  }

  #fits(end: number): boolean {
    if (end > MOST) this.#cut ??= "large";
    return end <= MOST;
  }

  /** As far as the hub has it: what is damaged there is waited for, as nothing behind it can be told apart. */
  async *#ciphertext(from: number, to: number): AsyncGenerator<Uint8Array> {
    for await (const piece of super.output(from, to)) {
      if (!(piece instanceof Uint8Array)) throw new Error("damaged");
      yield piece;
    }
  }

  async #take(piece: Uint8Array, visitor: Visitor): Promise<void> {
    if (this.#cut === "tampered") return;
    try {
      for (const record of await this.#records.take(piece)) this.#plain.append(record);
      visitor.grown(this.#plain.end);
    } catch (error) {
      if (!(error instanceof Tampered)) throw error;
      this.#cut = "tampered";
      visitor.trouble(undefined);
    }
  }

  /** Its number is where it stands, since the hub may state any. */
  async #event({ data, t }: RunEvent, seq: number): Promise<RunEvent> {
    const place = new Uint8Array(8);
    new DataView(place.buffer).setBigUint64(0, BigInt(seq));
    try {
      return (await opened(this.openers.events, data ?? "", place)) as RunEvent;
    } catch {
      this.#unopened = true;
      return { seq, t, at: this.#plain.end, kind: "sealed" };
    }
  }

  /** Keeps what of other runs the hub adds up. */
  #note(event: RunEvent): void {
    const fields = fieldsOf(event);
    if (event.kind === "exit") this.#size = event.at;
    else if (event.kind === "metric" && fields.name === MEMORY)
      this.#peak = Math.max(this.#peak ?? 0, numberOf(fields.value) ?? 0);
  }

  async #bytes(at: number): Promise<Bytes> {
    return new Uint8Array(await new Blob([...this.#plain.read(at, this.#plain.end)]).arrayBuffer());
  }
}

async function opened(open: Openers["meta"], text: string, associated: Bytes): Promise<unknown> {
  const sealed = new Uint8Array(decodeBase64(text));
  return JSON.parse(new TextDecoder().decode(await open(sealed, associated)));
}
