/** How much output was written when, asked for again as the run grows. */

import type { Hub } from "../feed/hub";

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
  #asked = Number.NEGATIVE_INFINITY;

  constructor(private hub: Pick<Hub, "json">) {}

  /** Asks again if what is known is too old for a run that has taken `duration` seconds; whether there is more then. */
  async update(duration: number, ended: boolean): Promise<boolean> {
    const grown = duration - this.#asked;
    if (grown <= 0 || (!ended && grown < Math.max(SOON, duration * GROWN))) return false;
    const before = this.#asked;
    this.#asked = duration;
    try {
      this.shown = await this.hub.json<Densities>(`density?buckets=${PARTS}`);
      return true;
    } catch {
      this.#asked = before;
      return false;
    }
  }
}
