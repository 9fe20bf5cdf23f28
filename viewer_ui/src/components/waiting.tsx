/** What is said while the job has written nothing. */

import type { Info } from "../protocol";
import { commandLine, duration, elapsed } from "../words";

export function Waiting({ run, now }: { run: Info; now: number }) {
  const command = <code>{commandLine(run.command ?? []) || run.name}</code>;
  if (run.ended) return <p class="waiting">{command} wrote nothing.</p>;
  return (
    <p class="waiting">
      Waiting for the first line. {command} started {duration(elapsed(run, now))} ago.
    </p>
  );
}
