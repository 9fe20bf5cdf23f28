/** What this visitor may ask of the job. The hub and the runner have the last word in it. */

import type { Session } from "../feed/session";
import { isOver } from "../notify/moments";
import { atLeast, type Do } from "../protocol";

export function may({ run, role }: Pick<Session, "run" | "role">, wanted: Do): boolean {
  if (!run || isOver(run)) return false;
  const { control = "none", pty } = run;
  const allowed = control === "all" || (control === "stop" && wanted === "stop");
  if (wanted === "type") return allowed && pty && atLeast(role, "type");
  return allowed && atLeast(role, "control");
}
