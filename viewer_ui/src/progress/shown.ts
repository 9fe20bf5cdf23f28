/** Which tasks have a row in the header, and how they stand below one another. */

import { isUnderWay, mainTask } from "./main_task";
import type { Task } from "./task";

export interface TaskRow {
  task: Task;
  /** How many tasks it is nested in, 0 for one that stands alone. */
  depth: number;
}

/** Deeper than this nothing is indented further. */
const DEEPEST = 4;

/** All tasks, each below its parent; else in the order of their first events. A parent is one that began before. */
export function inTree(tasks: Iterable<Task>): TaskRow[] {
  const children = new Map<string | null, Task[]>([[null, []]]);
  for (const task of tasks) {
    (children.get(task.parent) ?? children.get(null))?.push(task);
    children.set(task.id, []);
  }
  const below = (parent: string | null, depth: number): TaskRow[] =>
    (children.get(parent) ?? []).flatMap((task) => [{ task, depth }, ...below(task.id, Math.min(depth + 1, DEEPEST))]);
  return below(null, 0);
}

/** The `n` rows that matter most, in the order of the tree: the main task, what is under way, what ended last. */
export function mostTelling(rows: TaskRow[], n: number): TaskRow[] {
  const main = mainTask(rows.map(({ task }) => task));
  const rank = ({ task }: TaskRow) => (task === main ? 0 : isUnderWay(task) ? 1 : 2);
  const ranked = rows.toSorted((a, b) => rank(a) - rank(b) || (rank(a) === 2 ? b.task.t - a.task.t : 0));
  const chosen = new Set(ranked.slice(0, n));
  return rows.filter((row) => chosen.has(row));
}
