/** What the list says of itself and of its runs. Pure. */

import { t } from "../messages";
import type { ListedRun } from "../protocol";
import { duration, type Said, stateWords } from "../words";
import type { Status } from "./runs";

/** How long the hub may be out of touch before it is said, in seconds. */
const DOUBT = 3;

/** How what is shown stands to what there is; `away` is since when the hub is out of touch, undefined if it never was. */
export function connectionWords({ connected, loaded, refused }: Status, away: number | undefined): Said {
  if (refused === "bad_protocol") return { words: t.connection.changed, tone: "warn" };
  if (connected)
    return loaded ? { words: t.connection.live, tone: "live" } : { words: t.nothing.opening, tone: "quiet" };
  if (away === undefined) return { words: t.list.unreachable, tone: "warn" };
  return away < DOUBT
    ? { words: t.connection.connecting, tone: "quiet" }
    : { words: t.list.lost(duration(away)), tone: "warn" };
}

export function nameOf({ name }: ListedRun): string {
  return name || t.list.unnamed;
}

export function isRunning({ state }: ListedRun): boolean {
  return state === "running" || state === "stalled";
}

/** The state in the reader's words, for the filter. */
export function stateWord(run: ListedRun): string {
  return stateWords(run, run.now).word;
}

export function placeOf({ user, host }: ListedRun): string {
  return user && host ? `${user}@${host}` : host || user;
}
