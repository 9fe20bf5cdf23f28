/** How much output was written when, asked for again as the run grows. */

import type { Hub } from "../feed/hub";
import type { Moment } from "./playback";

/** In how many parts of the run's duration; as many bars are drawn. */
const PARTS = 240;

/** Asked for again when the run has grown by this part, and by so many seconds at least. */
const GROWN = 0.02;
const SOON = 2;

export interface Densities {
  /** Of what was asked for, in seconds. */
  duration: number;
  /** The bytes of each part. */
  bytes: number[];
  /** From when on, how long, in seconds, and at which offset output went on. */
  silences: [t: number, seconds: number, at: number][];
}

export class Density {
  shown: Densities = { duration: 0, bytes: [], silences: [] };
  #asked: Moment = { t: Number.NEGATIVE_INFINITY, offset: 0 };
  #asking = false;
  /** Until then, by `performance.now()`, a run that is over isn't asked for again. */
  #rest = 0;

  constructor(private hub: Pick<Hub, "json">) {}

  /** Asks again if what is known is too old for a run that has come as far as `end`; whether there is more then. */
  async update(end: Moment, ended: boolean): Promise<boolean> {
    if (this.#asking || !this.#isOld(end, ended)) return false;
    this.#asking = true;
    try {
      this.shown = await this.hub.json<Densities>(`density?buckets=${PARTS}`);
      this.#asked = end;
      this.#rest = performance.now() + SOON * 1000;
      return true;
    } catch {
      return false;
    } finally {
      this.#asking = false;
    }
  }

  /** Output of a run that is over may still be on its way. */
  #isOld({ t, offset }: Moment, ended: boolean): boolean {
    const grown = t - this.#asked.t;
    if (!ended) return grown >= Math.max(SOON, t * GROWN);
    return grown > 0 || (offset > this.#asked.offset && performance.now() >= this.#rest);
  }
}
