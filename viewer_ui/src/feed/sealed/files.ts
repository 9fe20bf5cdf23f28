/** Files to keep of an encrypted run, by what comes behind the link of one that the hub can read. */

import type { Info, RunEvent } from "../../protocol";
import { castOf } from "./cast";
import { linesOf } from "./find";
import { metricsCsv } from "./metrics_csv";
import type { Plain } from "./plain";

export type Ending = ".txt" | ".ansi" | ".cast" | "/metrics.csv";

/** Those that take the run's events. */
export const OF_EVENTS: readonly Ending[] = [".cast", "/metrics.csv"];

export function fileOf(ending: Ending, run: Info, plain: Plain, events: RunEvent[]): Blob {
  const parts: Record<Ending, () => Iterable<BlobPart>> = {
    ".txt": () => textOf(plain),
    ".ansi": () => plain.read(0, plain.end),
    ".cast": () => castOf(run, plain, events),
    "/metrics.csv": () => [metricsCsv(events)],
  };
  return new Blob([...parts[ending]()], { type: "text/plain" });
}

function textOf(plain: Plain): string[] {
  return [...linesOf(plain, 0, plain.end)].map(({ text, ended }) => (ended ? `${text}\n` : text));
}
