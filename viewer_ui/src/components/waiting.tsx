/** What is said while the job has written nothing. */

import { t } from "../messages";
import type { Info } from "../protocol";
import { commandLine, duration, elapsed } from "../words";

export function Waiting({ run, now }: { run: Info; now: number }) {
  const command = <code>{commandLine(run.command ?? []) || run.name}</code>;
  if (run.ended) return <p class="waiting">{t.log.nothing(command)}</p>;
  return <p class="waiting">{t.log.waiting(command, duration(elapsed(run, now)))}</p>;
}
