/** Where a reader wants to go, as typed: `1200`, `12:34`, `+5m`, `-30s`, `50%`, `end`. */

import { secondsOf } from "./place";

export type Wish = { line: number } | { time: number } | { later: number } | { share: number };

const LINE = /^[#L]*(\d{1,12})$/i;
const STEP = /^([+-])\s*(?:(\d+(?:\.\d+)?)\s*h)?\s*(?:(\d+(?:\.\d+)?)\s*m(?:in)?)?\s*(?:(\d+(?:\.\d+)?)\s*s?)?$/i;
const SHARE = /^(\d{1,3}(?:\.\d+)?)\s*%$/;

/** Undefined when it is none of these. `later` is in seconds, and negative for earlier; `share` is from 0 to 1. */
export function wishOf(typed: string): Wish | undefined {
  const words = typed.trim();
  const line = LINE.exec(words.replaceAll(/[,_\s]/g, ""))?.[1];
  if (line !== undefined) return { line: Math.max(1, Number(line)) };
  return shareOf(words) ?? stepOf(words) ?? timeOf(words);
}

function shareOf(words: string): Wish | undefined {
  const share = SHARE.exec(words)?.[1];
  return share === undefined ? undefined : { share: Math.min(1, Number(share) / 100) };
}

function stepOf(words: string): Wish | undefined {
  const [, sign, hours, minutes, seconds] = STEP.exec(words) ?? [];
  if (!sign || !(hours ?? minutes ?? seconds)) return undefined;
  const later = Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(seconds ?? 0);
  return { later: sign === "-" ? -later : later };
}

function timeOf(words: string): Wish | undefined {
  const time = secondsOf(words.replace(/^t=/, ""));
  return time === undefined ? undefined : { time };
}
