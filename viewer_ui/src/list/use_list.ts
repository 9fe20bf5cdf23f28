/** The hub's time as the list goes by it; renders anew when the list has changed and once a second. */

import { useEffect, useReducer } from "preact/hooks";
import type { Runs } from "./runs";

/** How often it is drawn at most, in ms. */
const REFRESH = 100;

interface Time {
  /** The hub's time, and when it was last in touch, in Unix seconds. */
  now: number;
  seen: number;
  /** For how long it is out of touch; undefined if it never was in touch. */
  away: number | undefined;
}

export function useList(runs: Runs): Time {
  const [, refresh] = useReducer((n: number) => n + 1, 0);
  useEffect(() => {
    let waiting: ReturnType<typeof setTimeout> | undefined;
    const soon = () => {
      waiting ??= setTimeout(() => {
        waiting = undefined;
        refresh(undefined);
      }, REFRESH);
    };
    const stop = runs.onChange(soon);
    const tick = setInterval(soon, 1000);
    soon();
    return () => {
      stop();
      clearInterval(tick);
      clearTimeout(waiting);
    };
  }, [runs]);
  const here = Date.now() / 1000;
  const now = here + runs.status.skew;
  const away = runs.seen === undefined ? undefined : Math.max(0, here - runs.seen);
  return { now, seen: runs.status.connected ? now : now - (away ?? 0), away };
}
