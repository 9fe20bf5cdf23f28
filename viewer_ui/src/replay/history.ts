/** What a run's events had come to at any moment, bounded: a long history is thinned evenly. */

import { markOf } from "../log/layout";
import { nothing, type Progress } from "../progress/fold";
import type { Task } from "../progress/task";
import type { RunEvent } from "../protocol";
import { countUpTo } from "./search";
import { Trail } from "./trail";

/** The most changes of the terminal kept: anybody may send them. */
const CHANGES = 10_000;

/** At offset `at` the terminal got another size, or output is missing, after which nothing is known of its screen. */
export type Change = { at: number } & ({ kind: "resize"; cols: number; rows: number } | { kind: "gap" });

export class History {
  /** In the order of their events. */
  readonly changes: Change[] = [];
  #trails = new Map<string, Trail>();

  /** `now` is what all events so far have come to. */
  constructor(private now: Progress) {}

  /** Takes an event that has been folded already. */
  add(event: RunEvent): void {
    const task = event.kind === "task" ? this.now.tasks.get((event as Partial<Task>).id ?? "") : undefined;
    if (task) this.#trailOf(task.id).add(task);
    const mark = markOf(event);
    if ((mark?.kind === "resize" || mark?.kind === "gap") && this.changes.length < CHANGES) this.changes.push(mark);
  }

  /** What events had come to `t` seconds after the run's start. */
  at(t: number): Progress {
    const then = nothing();
    for (const [id, trail] of this.#trails) {
      const task = trail.at(t);
      if (task) then.tasks.set(id, task);
    }
    for (const [name, series] of this.now.metrics) {
      const past = series.until(t);
      if (past.values.length) then.metrics.set(name, past);
    }
    then.notes = this.now.notes.slice(
      0,
      countUpTo(this.now.notes, t, (note) => note.t),
    );
    for (const { level } of then.notes) then.counts[level]++;
    return then;
  }

  #trailOf(id: string): Trail {
    const trail = this.#trails.get(id) ?? new Trail();
    this.#trails.set(id, trail);
    return trail;
  }
}
