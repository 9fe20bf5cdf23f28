/** The states that one task went through, bounded: a long trail is thinned evenly, and its last state is always there. */

import type { Task } from "../progress/task";
import { countUpTo } from "./search";

/** The most states kept. */
export const MOST = 1000;

export class Trail {
  #states: Task[] = [];
  /** Of how many states one is kept, and how many there were. */
  #stride = 1;
  #taken = 0;
  /** The last state is there for being the last: the next takes its place. */
  #passing = false;

  add(task: Task): void {
    if (this.#passing) this.#states.pop();
    this.#states.push(task);
    this.#passing = this.#taken++ % this.#stride !== 0;
    if (this.#states.length > MOST) this.#thin();
  }

  /** The state `t` seconds after the run's start, undefined where there was none yet. */
  at(t: number): Task | undefined {
    return this.#states[countUpTo(this.#states, t, (task) => task.t) - 1];
  }

  #thin(): void {
    const last = this.#states.length - 1;
    this.#states = this.#states.filter((_, i) => i % 2 === 0 || i === last);
    this.#passing ||= last % 2 === 1;
    this.#stride *= 2;
  }
}
