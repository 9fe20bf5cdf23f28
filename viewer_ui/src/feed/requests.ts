/** What this visitor asks of the job: each said again after a lost connection until the runner has answered, done once. */

import type { Step } from "../control/steps";
import type { ControlReason, ControlRequest, ControlResult, ControlState } from "../protocol";

/** A request, and how it stands: `sent` as long as nobody has answered. */
export interface Asked {
  readonly request: ControlRequest;
  state: "sent" | ControlResult["state"] | ControlState;
  reason?: ControlReason | undefined;
  /** When it is given up, as Date.now() has it. */
  readonly until: number;
  /** How often it was said. */
  times: number;
}

/** How long it is tried to get through with a request, in ms: later nobody expects it to be heeded. */
const PATIENCE_MS = 60_000;

/** How soon it is said again that a job which is out of reach for the moment may have heard already, in ms. */
const AGAIN_MS = 1000;

/** Two clicks within this are one, in ms. */
const DOUBLE_MS = 1000;

/** How long what has come of a request stands to be read, in ms. */
const STANDS_MS = 6000;

export class Requests {
  /** The last request that still has to be told of. */
  shown: Asked | undefined;
  #open = new Map<string, Asked>();
  #stopped = Number.NEGATIVE_INFINITY;

  constructor(
    private send: (request: ControlRequest) => void,
    private changed: () => void,
  ) {}

  /** Asks it; one more stop while one is on its way, or right behind one, is the same. */
  ask(wanted: Omit<ControlRequest, "id">): void {
    if (wanted.do === "stop" && this.#isStopping) return;
    const until = Date.now() + PATIENCE_MS;
    const asked: Asked = { request: { ...wanted, id: newId() }, state: "sent", until, times: 0 };
    this.#open.set(asked.request.id, asked);
    this.shown = asked;
    this.#say(asked);
    setTimeout(() => this.#giveUp(asked), PATIENCE_MS);
    this.changed();
  }

  /** There is a connection again. */
  connected(): void {
    for (const asked of [...this.#open.values()]) {
      // Timers stand still while a machine sleeps.
      if (Date.now() >= asked.until) this.#giveUp(asked);
      else this.#say(asked);
    }
  }

  /** The hub has answered. */
  result({ id, state, reason }: ControlResult): void {
    const asked = this.#open.get(id);
    if (!asked || !isUnheard(asked) || (state === "forwarded" && asked.state === "forwarded")) return;
    // After a lost connection the job's machine may be back later than we are, and have got it before.
    if (asked.times > 1 && (reason === "away" || reason === "rate")) {
      setTimeout(() => this.#open.has(id) && isUnheard(asked) && this.#say(asked), AGAIN_MS);
      return;
    }
    Object.assign(asked, { state, reason });
    if (state === "refused") this.#close(asked);
    this.changed();
  }

  /** The runner has answered. */
  step({ id, do: done, state, reason }: Step): void {
    if (done === "stop" && state === "delivered") this.#stopped = Date.now();
    const asked = this.#open.get(id);
    if (!asked) return;
    Object.assign(asked, { state, reason });
    if (state !== "accepted") this.#close(asked);
  }

  /** Says no more of the last one, and no longer asks for it. */
  dismiss(): void {
    if (this.shown) this.#open.delete(this.shown.request.id);
    this.shown = undefined;
    this.changed();
  }

  #say(asked: Asked): void {
    asked.times++;
    this.send(asked.request);
  }

  get #isStopping(): boolean {
    if (Date.now() - this.#stopped < DOUBLE_MS) return true;
    return [...this.#open.values()].some(({ request }) => request.do === "stop");
  }

  #giveUp(asked: Asked): void {
    if (this.#open.get(asked.request.id) !== asked || !isUnheard(asked)) return;
    Object.assign(asked, { state: "refused", reason: "away" });
    this.#close(asked);
    this.changed();
  }

  #close(asked: Asked): void {
    this.#open.delete(asked.request.id);
    setTimeout(() => {
      if (this.shown === asked) this.dismiss();
    }, STANDS_MS);
  }
}

/** Whether the runner has said nothing of it yet. */
function isUnheard({ state }: Asked): boolean {
  return state === "sent" || state === "forwarded";
}

/** 144 random bits, in the form of a token. */
function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(18));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_");
}
