/** What a run's events come to: its tasks, metrics and notes. The same events in the same order give the same. */

import type { RunEvent } from "../protocol";
import { type Fields, fieldsOf, lineOf, numberOf } from "./fields";
import { Series } from "./series";
import { idOf, type Task, taskOf } from "./task";

export const LEVELS = ["info", "warning", "error"] as const;

export type Level = (typeof LEVELS)[number];

export interface Note {
  seq: number;
  t: number;
  /** The output offset at which it was said. */
  at: number;
  level: Level;
  text: string;
}

export interface Progress {
  /** In the order of their first events. */
  tasks: Map<string, Task>;
  metrics: Map<string, Series>;
  notes: Note[];
  /** How many notes of each level there were, those not kept included. */
  counts: Record<Level, number>;
}

/** The most kept of each kind: events may be anybody's. */
const TASKS = 1000;
const METRICS = 200;
const NOTES = 1000;

const NAME = 120;
const TEXT = 500;

export function nothing(): Progress {
  return { tasks: new Map(), metrics: new Map(), notes: [], counts: { info: 0, warning: 0, error: 0 } };
}

/** Takes one event into `progress`. */
export function fold(progress: Progress, event: RunEvent): void {
  const fields = fieldsOf(event);
  if (event.kind === "task") foldTask(progress, fields);
  else if (event.kind === "metric") foldMetric(progress, fields);
  else if (event.kind === "note") foldNote(progress, event, fields);
}

function foldTask({ tasks }: Progress, event: Fields): void {
  const id = idOf(event.id);
  if (id === null) return;
  const earlier = tasks.get(id);
  if (earlier || tasks.size < TASKS) tasks.set(id, taskOf(event, earlier));
}

function foldMetric({ metrics }: Progress, event: Fields): void {
  const name = lineOf(event.name, NAME);
  const value = numberOf(event.value);
  if (!name || value === null) return;
  let series = metrics.get(name);
  if (!series) {
    if (metrics.size >= METRICS) return;
    series = new Series(name);
    metrics.set(name, series);
  }
  series.add(numberOf(event.t) ?? 0, numberOf(event.step), value);
}

function foldNote({ notes, counts }: Progress, { seq, t, at }: RunEvent, event: Fields): void {
  const level = LEVELS.find((name) => name === event.level) ?? "info";
  counts[level]++;
  if (notes.length < NOTES) notes.push({ seq, t, at, level, text: lineOf(event.text, TEXT) });
}
