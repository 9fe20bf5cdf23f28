/** The points of one metric, bounded: a long series is thinned evenly, and its last point is always exact. */

import { countUpTo } from "../replay/search";

/** The most points kept; a chart is a few hundred pixels wide. */
export const MOST = 4096;

export class Series {
  /** When each point was reported, in seconds since the run's start. */
  readonly times: number[] = [];
  readonly steps: (number | null)[] = [];
  readonly values: number[] = [];
  /** Whether every point has a step, and they go up: then they are what a chart runs along. */
  stepped = true;
  /** How many reports a kept point stands for. */
  #stride = 1;
  #taken = 0;
  /** The last point is there for being the last: the next takes its place. */
  #passing = false;

  constructor(readonly name: string) {}

  /** How many points were reported; changes with each. */
  get taken(): number {
    return this.#taken;
  }

  get last(): number | undefined {
    return this.values.at(-1);
  }

  add(t: number, step: number | null, value: number): void {
    this.stepped &&= step !== null && step > (this.steps.at(-1) ?? Number.NEGATIVE_INFINITY);
    if (this.#passing) for (const column of this.#columns) column.pop();
    this.times.push(t);
    this.steps.push(step);
    this.values.push(value);
    this.#passing = this.#taken++ % this.#stride !== 0;
    if (this.values.length > MOST) this.#thin();
  }

  /** The same as it was `t` seconds after the run's start. */
  until(t: number): Series {
    const past = new Series(this.name);
    const n = countUpTo(this.times, t, (time) => time);
    for (const [i, column] of past.#columns.entries()) column.push(...(this.#columns[i]?.slice(0, n) ?? []));
    past.stepped = this.stepped;
    past.#taken = n;
    return past;
  }

  /** Leaves every second point out, but for the last. */
  #thin(): void {
    const last = this.values.length - 1;
    for (const column of this.#columns) {
      const kept = column.filter((_, i) => i % 2 === 0 || i === last);
      column.splice(0, column.length, ...kept);
    }
    this.#passing ||= last % 2 === 1;
    this.#stride *= 2;
  }

  get #columns(): unknown[][] {
    return [this.times, this.steps, this.values];
  }
}
