/** What a run's control events come to: how its job is being dealt with. The events are the runner's, checked all the same. */

import { fieldsOf, lineOf, numberOf } from "../progress/fields";
import {
  CONTROL_REASONS,
  CONTROL_STATES,
  CONTROLS,
  type ControlEvent,
  type ControlReason,
  LABEL_CHARACTERS,
  type NextSignal,
  type RunEvent,
} from "../protocol";

/** One step of a request. */
export interface Step extends Pick<ControlEvent, "seq" | "t" | "id" | "do" | "by" | "state"> {
  signal: string;
  reason: ControlReason | undefined;
  next: NextSignal | undefined;
}

export interface Dealings {
  /** The last signal of a stop that is under way, or has ended the job. */
  stopping: Step | undefined;
  /** What has stopped the job for a while. */
  paused: Step | undefined;
}

const PAUSING = ["STOP", "TSTP", "TTIN", "TTOU"];

/** The step that an event tells, if it is one. */
export function stepOf(event: RunEvent): Step | undefined {
  if (event.kind !== "control") return undefined;
  const fields = fieldsOf(event);
  const [done, state] = [oneOf(CONTROLS, fields.do), oneOf(CONTROL_STATES, fields.state)];
  if (!done || !state) return undefined;
  const { seq, t } = event;
  const [id, by] = [lineOf(fields.id, 64), lineOf(fields.by, LABEL_CHARACTERS)];
  return {
    seq,
    t,
    id,
    do: done,
    by,
    state,
    signal: lineOf(fields.signal, 10),
    reason: oneOf(CONTROL_REASONS, fields.reason),
    next: nextOf(fields.next),
  };
}

/** Takes one step into what is known. */
export function deal(dealings: Dealings, step: Step): void {
  if (step.state !== "delivered") return;
  if (step.do === "stop") {
    dealings.stopping = step;
    dealings.paused = undefined;
  } else if (step.signal === "CONT") dealings.paused = undefined;
  else if (PAUSING.includes(step.signal)) dealings.paused = step;
}

function nextOf(value: unknown): NextSignal | undefined {
  const { signal, at } = (typeof value === "object" && value ? value : {}) as Partial<NextSignal>;
  const t = numberOf(at);
  return t === null || !signal ? undefined : { signal: lineOf(signal, 10), at: t };
}

function oneOf<T extends string>(allowed: readonly T[], value: unknown): T | undefined {
  return allowed.find((each) => each === value);
}
