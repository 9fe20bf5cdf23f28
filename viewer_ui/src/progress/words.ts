/** A task's numbers in words. Pure. */

import { t } from "../messages";
import { clock, size } from "../words";
import { isUnderWay } from "./main_task";
import type { Task } from "./task";

/** 42 %: rounded down, so that 100 % is said of what is done alone. */
export function percentWords(percent: number): string {
  return t.units.percent(String(Math.floor(percent)));
}

/** 3/5, 1.2/4.8 GB, or 12 where no total is known. */
export function amountWords({ current, total, unit }: Pick<Task, "current" | "total" | "unit">): string {
  if (current === null) return "";
  const one = isBytes(unit) ? size : figure;
  if (total === null) return one(current);
  const [from, to] = [one(current), one(total)];
  const [, noun] = to.split(" ");
  return noun && from.endsWith(` ${noun}`) ? `${from.slice(0, -noun.length - 1)}/${to}` : `${from}/${to}`;
}

/** 14.2 it/s, 3.1 MB/s, or 1 epoch/4 min where it goes slowly. */
export function rateWords({ rate, current, unit }: Pick<Task, "rate" | "current" | "unit">): string {
  if (rate === null || rate <= 0) return "";
  if (current === null) return rate >= 0.1 ? `${figure(rate)} %/s` : `${figure(rate * 60)} %/min`;
  if (isBytes(unit)) return `${size(rate)}/s`;
  const noun = unit ?? "";
  if (rate >= 1) return noun ? `${figure(rate)} ${noun}/s` : `${figure(rate)}/s`;
  return `${`1 ${noun}`.trimEnd()}/${span(1 / rate)}`;
}

/** How many seconds are left at `now`, both in seconds since the run's start; null when nobody knows. */
export function secondsLeft({ eta, t, state }: Pick<Task, "eta" | "t" | "state">, now: number): number | null {
  return eta === null || state !== "running" ? null : Math.max(0, eta - Math.max(0, now - t));
}

/** ETA 1:23 while that is known, else how long it has taken. */
export function timeWords(task: Task, now: number): string {
  if (!isUnderWay(task)) return clock(Math.max(0, task.t - task.began));
  const left = secondsLeft(task, now);
  return left === null ? clock(Math.max(0, now - task.began)) : t.header.eta(clock(left));
}

/** All of it in a sentence, for who doesn't see the bar. */
export function taskSentence(task: Task, now: number): string {
  const percent = task.percent === null ? "" : percentWords(task.percent);
  return [t.tasks.state[task.state], percent, amountWords(task), timeWords(task, now)].filter(Boolean).join(", ");
}

const BYTES = new Set(["b", "byte", "bytes"]);

function isBytes(unit: string | null): boolean {
  return unit !== null && BYTES.has(unit.toLowerCase());
}

/** 88, 0.3333, 12,000, 3.4M: short enough for a column. */
export function figure(n: number): string {
  return t.format.figure(n);
}

/** 4.2 s, 4 min. */
function span(seconds: number): string {
  if (seconds < 10) return t.units.seconds(figure(Math.round(seconds * 10) / 10));
  return seconds < 60 ? t.units.seconds(Math.round(seconds)) : t.units.minutes(Math.round(seconds / 60));
}
