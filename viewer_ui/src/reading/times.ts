/** When a line came, in the column beside it. */

import { clock } from "../words";

export type Times = "none" | "relative" | "absolute" | "previous";

/** Since the start: +12:39.120. */
export function sinceStart(seconds: number): string {
  const thousandths = Math.round(seconds * 1000);
  return `+${clock(thousandths / 1000)}.${three(thousandths % 1000)}`;
}

/** The time of day here, of Unix `seconds`: 13:51:04.120. */
export function timeOfDay(seconds: number): string {
  const date = new Date(Math.round(seconds * 1000));
  const parts = [date.getHours(), date.getMinutes(), date.getSeconds()].map((n) => String(n).padStart(2, "0"));
  return `${parts.join(":")}.${three(date.getMilliseconds())}`;
}

/** Since the line before: what would say nothing is left out. */
export function sincePrevious(seconds: number): string {
  if (seconds < 0.0005) return "";
  return seconds < 60 ? `+${seconds.toFixed(3)}` : sinceStart(seconds);
}

/** The widest that such a time is, in characters, in a run of `duration` seconds. */
export function widthOf(times: Times, duration: number): number {
  return times === "absolute" ? timeOfDay(0).length : sinceStart(Math.max(600, duration)).length;
}

function three(thousandths: number): string {
  return String(thousandths).padStart(3, "0");
}
