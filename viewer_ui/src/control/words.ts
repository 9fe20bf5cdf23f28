/** What is asked of the job, and what comes of it, in words. Pure. */

import type { Asked } from "../feed/requests";
import { t } from "../messages";
import type { ControlRequest } from "../protocol";
import type { Step } from "./steps";

/** The signals that are offered. */
export const SIGNALS = ["INT", "TERM", "HUP", "QUIT", "USR1", "USR2", "WINCH", "ALRM", "STOP", "CONT", "KILL"];

/** A step as the audit trail has it; "" for one that says no more than the next does. */
export function stepWords(step: Step): string {
  const who = `${step.by}: ${askedWords(step)}`;
  if (step.state === "refused") return `${who} · ${refusedWords(step.reason)}`;
  if (step.state === "exited") return `${who} · ${t.control.exited}`;
  if (step.state === "accepted") return "";
  if (step.do === "type") return t.control.typed(step.by);
  return step.do === "signal" ? who : `${who} · ${t.control.sent(signalName(step.signal))}`;
}

/** How a request of the visitor's own stands; "" where that is seen by itself. */
export function requestWords({ request, state, reason }: Asked, connected: boolean): string {
  const what = askedWords(request);
  if (state === "refused") return `${what} · ${refusedWords(reason)}`;
  if (!connected) return `${what} · ${t.control.unsent}`;
  if (state === "sent") return `${what} · ${t.control.waiting}`;
  if (state === "forwarded") return `${what} · ${t.control.forwarded}`;
  if (state === "accepted") return request.do === "type" ? `${what} · ${t.control.unread}` : what;
  return request.do === "signal" ? t.control.sent(signalName(request.signal)) : "";
}

/** Stop, or the signal's name. */
export function askedWords({ do: done, signal }: Pick<ControlRequest, "do" | "signal">): string {
  return done === "signal" ? signalName(signal) : t.control.asked[done];
}

export function signalName(signal = ""): string {
  return `SIG${signal}`;
}

function refusedWords(reason: Step["reason"]): string {
  return t.control.refused(reason ? t.control.reason[reason] : "");
}
