/** Which task stands for the whole run; cli/progress_run/protocol.py has the same rule, and tests hold them equal. */

export interface Ranked {
  id: string;
  parent?: string | null;
  state: string;
  percent?: number | null;
}

/** The states of a task that has not ended; the others are `done` and `failed`. */
const UNDER_WAY = new Set(["running", "paused", "indeterminate"]);

export function isUnderWay({ state }: Pick<Ranked, "state">): boolean {
  return UNDER_WAY.has(state);
}

/**
 * Of the tasks under way whose parent is not, the first with a percent, else the first; where none is under way, the
 * last of all. `tasks` are in the order of their first events.
 */
export function mainTask<T extends Ranked>(tasks: Iterable<T>): T | undefined {
  const every = [...tasks];
  const underWay = every.filter(isUnderWay);
  const ids = new Set(underWay.map(({ id }) => id));
  const roots = underWay.filter(({ parent }) => typeof parent !== "string" || !ids.has(parent));
  const known = roots.find(({ percent }) => typeof percent === "number");
  return known ?? roots[0] ?? underWay[0] ?? every.at(-1);
}
