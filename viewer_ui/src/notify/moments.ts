/** What of a run is worth telling somebody who looks elsewhere. Pure. */

import type { Info, State } from "../protocol";

export type Moment = "succeeded" | "failed" | "killed" | "stalled";

const ENDS: ReadonlySet<State> = new Set(["succeeded", "failed", "killed"]);

/** What has just happened to a run that was `before`; undefined where there is nothing to tell. */
export function momentOf(before: State | undefined, { state }: Pick<Info, "state">): Moment | undefined {
  if (before === undefined || before === state || ENDS.has(before)) return undefined;
  return state === "stalled" || state === "succeeded" || state === "failed" || state === "killed" ? state : undefined;
}

export function isOver({ state }: Pick<Info, "state">): boolean {
  return ENDS.has(state);
}
