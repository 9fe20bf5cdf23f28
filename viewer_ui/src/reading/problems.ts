/** The next warning or error from a place in the log. */

import type { LogDocument } from "../log/document";
import type { Level } from "../progress/fields";
import type { Note } from "../progress/fold";

/** The row of the nearest note of a level after row `from`, or before it; undefined where there is none. */
export function nextNote(log: LogDocument, notes: Note[], level: Level, from: number, by: 1 | -1): number | undefined {
  const rows = notes
    .filter((note) => note.level === level)
    .map(({ seq }) => log.indexOfNote(seq))
    .filter((row) => row !== undefined && (row - from) * by > 0) as number[];
  return rows.length ? (by > 0 ? Math.min(...rows) : Math.max(...rows)) : undefined;
}
