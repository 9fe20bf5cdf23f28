/** What this visitor may ask of the job. The hub and the runner have the last word in it. */

import type { Session } from "../feed/session";
import { isOver } from "../notify/moments";
import { atLeast, type Do } from "../protocol";

export function may({ run, role, status }: Pick<Session, "run" | "role" | "status">, wanted: Do): boolean {
  if (!run || isOver(run) || status.refused === "bad_link") return false;
  const { control = "none", pty } = run;
  const allowed = control === "all" || (control === "stop" && wanted === "stop");
  if (wanted === "type") return allowed && pty && atLeast(role, "type");
  return allowed && atLeast(role, "control");
}
