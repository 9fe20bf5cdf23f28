/** One task as its last event has it. */

import { LABEL_CHARACTERS, TASK_STATES, type TaskState } from "../protocol";
import { type Fields, lineOf, numberOf } from "./fields";

/** `rate` is in units per second (percent where there is no `current`), `eta` in seconds from `t`; null is unknown. */
export interface Task {
  id: string;
  label: string;
  current: number | null;
  total: number | null;
  unit: string | null;
  percent: number | null;
  state: TaskState;
  parent: string | null;
  rate: number | null;
  eta: number | null;
  /** When its last event and its first one were, in seconds since the run's start. */
  t: number;
  began: number;
}

const UNIT = 20;

/** What `event` makes of the task, `earlier` being what was known of it: fields it doesn't have stay as they were. */
export function taskOf(event: Fields, earlier: Task | undefined): Task {
  const t = numberOf(event.t) ?? 0;
  const before: Task = earlier ?? { ...UNKNOWN, id: idOf(event.id) ?? "", t, began: t };
  const has = <V>(name: string, read: (value: unknown) => V, known: V): V =>
    name in event ? read(event[name]) : known;
  return {
    id: before.id,
    began: before.began,
    t,
    label: has("label", (value) => lineOf(value, LABEL_CHARACTERS), before.label),
    current: has("current", numberOf, before.current),
    total: has("total", numberOf, before.total),
    unit: has("unit", unitOf, before.unit),
    percent: has("percent", percentOf, before.percent),
    state: has("state", stateOf, before.state),
    parent: has("parent", idOf, before.parent),
    rate: has("rate", numberOf, before.rate),
    eta: has("eta", numberOf, before.eta),
  };
}

const UNKNOWN = {
  label: "",
  current: null,
  total: null,
  unit: null,
  percent: null,
  state: "running",
  parent: null,
  rate: null,
  eta: null,
} as const;

export function idOf(value: unknown): string | null {
  return typeof value === "string" ? value.slice(0, LABEL_CHARACTERS) : null;
}

function unitOf(value: unknown): string | null {
  return lineOf(value, UNIT) || null;
}

function percentOf(value: unknown): number | null {
  const percent = numberOf(value);
  return percent === null ? null : Math.min(100, Math.max(0, percent));
}

function stateOf(value: unknown): TaskState {
  return TASK_STATES.find((state) => state === value) ?? "running";
}
