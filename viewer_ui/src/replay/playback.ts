/** Moves time on at some speed, with silences cut short, by the times at which output was written. */

import { Backoff } from "../feed/backoff";
import type { Hub } from "../feed/hub";
import { countUpTo } from "./search";

/** `t` is in seconds since the run's start, `offset` how far the output had come by then. */
export interface Moment {
  t: number;
  offset: number;
}

/** From offset `at` on, output was written at `t`. */
type Mark = readonly [at: number, t: number, fd: number];

/** The longest silence, in seconds of the viewer's. */
const IDLE = 1;

/** The times of so much output are asked for at once, so many seconds before they are needed. */
const PART = 1024 * 1024;
const AHEAD = 3;

export class Playback {
  #marks: Mark[] = [];
  /** The times are known of output up to here. */
  #known: number;
  #asking = false;
  #backoff = new Backoff();

  /** `end` is how far the run has come. */
  constructor(
    private hub: Pick<Hub, "json">,
    private moment: Moment,
    private end: () => Moment,
  ) {
    this.#known = moment.offset;
  }

  /** The moment that is shown `seconds` later, at so many times the speed of the run. */
  advance(seconds: number, speed: number): Moment {
    const [end, t] = [this.end(), this.moment.t];
    const complete = this.#known >= end.offset;
    const next = this.#marks[this.#passed(t)]?.[1] ?? (complete ? end.t : t);
    const last = complete ? end.t : (this.#marks.at(-1)?.[1] ?? t);
    const then = Math.max(t, Math.min(last, Math.max(t + seconds * speed, next - IDLE * speed)));
    this.moment = { t: then, offset: this.#marks[this.#passed(then)]?.[0] ?? this.#known };
    if (!complete && last - then < AHEAD * speed) void this.#ask();
    return this.moment;
  }

  #passed(t: number): number {
    return countUpTo(this.#marks, t, ([, written]) => written);
  }

  async #ask(): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    const from = this.#known;
    try {
      const answer = await this.hub.json<{ marks: Mark[]; to: number }>(`timing?from=${from}&to=${from + PART}`);
      const [first, ...rest] = answer.marks;
      const marks: Mark[] = first ? [[Math.max(first[0], from), first[1], first[2]], ...rest] : [];
      this.#marks = [...this.#marks.slice(this.#passed(this.moment.t)), ...marks];
      this.#known = Math.max(from, answer.to);
      this.#backoff.reset();
    } catch {
      await this.#backoff.wait(); // asked again with the next step
    } finally {
      this.#asking = false;
    }
  }
}
