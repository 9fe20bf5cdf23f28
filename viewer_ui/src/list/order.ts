/** In which order runs are shown. Pure. */

import { secondsLeft } from "../progress/words";
import { type ListedRun, STATES } from "../protocol";
import { elapsed } from "../words";

export const COLUMNS = ["name", "state", "progress", "left", "started", "took", "host"] as const;

export type Column = (typeof COLUMNS)[number];

export interface Order {
  by: Column;
  up: boolean;
}

/** The newest first. */
export const USUAL: Order = { by: "started", up: false };

/** In what direction a column is of most use. */
const FIRST_UP: Record<Column, boolean> = {
  name: true,
  state: true,
  progress: false,
  left: true,
  started: false,
  took: false,
  host: true,
};

/** The order once a column's head is pressed: by it, or the other way round. */
export function pressed(order: Order, by: Column): Order {
  return { by, up: order.by === by ? !order.up : FIRST_UP[by] };
}

/** The order by the next column, or by the one before. */
export function stepped(order: Order, steps: number): Order {
  const place = COLUMNS.indexOf(order.by) + steps + COLUMNS.length;
  const by = COLUMNS[place % COLUMNS.length] ?? USUAL.by;
  return { by, up: FIRST_UP[by] };
}

/** `runs` are the newest first, and stay so where they are equal; what isn't known comes last either way. */
export function inOrder(runs: ListedRun[], { by, up }: Order, now: number): ListedRun[] {
  if (by === USUAL.by) return up ? runs.toReversed() : runs;
  const value = VALUES[by];
  const sign = up ? 1 : -1;
  const keyed = runs.map((run) => ({ run, key: value(run, now) }));
  return keyed.sort((a, b) => compared(a.key, b.key, sign)).map(({ run }) => run);
}

type Key = number | string | null;

const VALUES: Record<Column, (run: ListedRun, now: number) => Key> = {
  name: ({ name }) => name.toLowerCase(),
  state: ({ state }) => STATES.indexOf(state),
  progress: ({ progress }) => progress?.percent ?? null,
  left: (run, now) => leftOf(run, now),
  started: ({ started }) => started,
  took: elapsed,
  host: ({ host, user }) => `${host} ${user}`.toLowerCase(),
};

function compared(a: Key, b: Key, sign: number): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  if (typeof a === "string" || typeof b === "string") return sign * String(a).localeCompare(String(b));
  return sign * (a - b);
}

/** The seconds that are left of a run that goes on; null when nobody knows. */
export function leftOf({ state, progress, started }: ListedRun, now: number): number | null {
  return state === "running" && progress ? secondsLeft(progress, now - started) : null;
}
