/** What a run's events come to: its tasks, metrics and notes. The same events in the same order give the same. */

import { type Dealings, deal, stepOf } from "../control/steps";
import { stepWords } from "../control/words";
import { LABEL_CHARACTERS, METRICS_PER_RUN, type RunEvent, TASKS_PER_RUN } from "../protocol";
import { type Fields, fieldsOf, type Level, levelOf, lineOf, numberOf } from "./fields";
import { Series } from "./series";
import { idOf, type Task, taskOf } from "./task";

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
  /** What is being done to the job from afar. */
  dealings: Dealings;
}

/** The most notes kept: events may be anybody's. */
const NOTES = 1000;
const TEXT = 500;

export function nothing(): Progress {
  const counts = { info: 0, warning: 0, error: 0 };
  const dealings = { stopping: undefined, paused: undefined };
  return { tasks: new Map(), metrics: new Map(), notes: [], counts, dealings };
}

/** Takes one event into `progress`. */
export function fold(progress: Progress, event: RunEvent): void {
  const fields = fieldsOf(event);
  if (event.kind === "task") foldTask(progress, fields);
  else if (event.kind === "metric") foldMetric(progress, fields);
  else if (event.kind === "note") foldNote(progress, event, levelOf(fields.level), lineOf(fields.text, TEXT));
  else if (event.kind === "control") foldControl(progress, event);
  else if (event.kind === "exit") progress.dealings.paused = undefined;
}

function foldTask({ tasks }: Progress, event: Fields): void {
  const id = idOf(event.id);
  if (id === null) return;
  const earlier = tasks.get(id);
  if (earlier || tasks.size < TASKS_PER_RUN) tasks.set(id, taskOf(event, earlier));
}

function foldMetric({ metrics }: Progress, event: Fields): void {
  const name = lineOf(event.name, LABEL_CHARACTERS);
  const value = numberOf(event.value);
  if (!name || value === null) return;
  let series = metrics.get(name);
  if (!series) {
    if (metrics.size >= METRICS_PER_RUN) return;
    series = new Series(name);
    metrics.set(name, series);
  }
  series.add(numberOf(event.t) ?? 0, numberOf(event.step), value);
}

/** The audit trail is among the notes. */
function foldControl(progress: Progress, event: RunEvent): void {
  const step = stepOf(event);
  if (!step) return;
  deal(progress.dealings, step);
  // That something was typed, the runner says in a note.
  const words = step.do === "type" && step.state === "delivered" ? "" : stepWords(step);
  if (words) foldNote(progress, event, "info", words);
}

function foldNote({ notes, counts }: Progress, { seq, t, at }: RunEvent, level: Level, text: string): void {
  counts[level]++;
  if (notes.length < NOTES) notes.push({ seq, t, at, level, text });
}
