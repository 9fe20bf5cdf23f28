/** Errors and warnings in a log: lines that read like some, and the run's notes. */

import type { LogDocument } from "../log/document";
import type { Note } from "../progress/fold";
import { type Find, type Hit, isHit, type Query } from "./found";

export type Problem = "error" | "warning";

/** What they are recognised by, unless the reader says otherwise; RE2's expressions. */
export const PATTERNS: Record<Problem, string> = {
  error: String.raw`\b(errors?|exception|traceback|fail(ed|ure|ures)?|fatal|panic(ked)?|segmentation fault|[A-Z]\w*(Error|Exception))\b`,
  warning: String.raw`\b(warn(ing|ings)?|deprecated|[A-Z]\w*Warning)\b`,
};

/** What says that there are none. */
const CALM =
  /\b(?:no|0|zero|without)\s+(?:errors?|warnings?|failures?|failed|exceptions?)\b|\b(?:errors?|warnings?|fail(?:ed|ures?))\s*[:=]\s*(?:0(?![.\d])|none\b|false\b)/gi;

/** How much output is looked through at first on the way back, in bytes; then four times as much, and so on. */
const BACK = 1_000_000;

/** How many lines that recognise something in vain are passed over at a time. */
const PASSED = 100;

/** Whether a line that was found tells of a problem. */
export function isProblem({ text, matches }: Hit): boolean {
  return matches.length > (text.match(CALM)?.length ?? 0);
}

export function problemQuery(pattern: string): Query {
  return { text: pattern, case: false, regex: true };
}

/**
 * The row of the next problem of a level after row `from`, or before it; undefined where there is none.
 *
 * `pattern` is what the reader has it recognised by. It is searched by `find`, so that what isn't read here is found as well.
 */
export async function nextProblem(
  find: Find,
  log: LogDocument,
  notes: readonly Note[],
  from: number,
  by: 1 | -1,
  level: Problem,
  pattern: string,
): Promise<number | undefined> {
  const query = problemQuery(pattern);
  const place = log.offsetOf(from) ?? log.end;
  const beside = from - log.rowOfOffset(place); // it may be a row that is no line
  const at = await (by > 0 ? after(find, query, offsetBehind(log, from)) : before(find, query, place));
  const noted = notes.filter((note) => note.level === level).map(({ seq }) => log.indexOfNote(seq));
  const rows = [at === undefined ? undefined : log.rowOfOffset(at), ...noted];
  const start = log.rowOfOffset(place) + beside; // rows may have come before it meanwhile
  const beyond = rows.filter((row): row is number => row !== undefined && (row - start) * by > 0);
  return beyond.length ? Math.min(...beyond.map((row) => row * by)) * by : undefined;
}

function offsetBehind(log: LogDocument, row: number): number {
  return row + 1 < log.count ? (log.offsetOf(row + 1) ?? log.end) : log.end;
}

async function after(find: Find, query: Query, from: number): Promise<number | undefined> {
  for await (const found of find(query, { from, limit: PASSED })) {
    if (!isHit(found)) {
      if (found.done) return found.limited && found.to > from ? after(find, query, found.to) : undefined;
    } else if (isProblem(found)) return found.at;
  }
  return undefined;
}

async function before(find: Find, query: Query, end: number): Promise<number | undefined> {
  for (let [to, width] = [end, BACK]; to > 0; width *= 4) {
    const from = Math.max(0, to - width);
    const last = await lastWithin(find, query, from, to);
    if (last !== undefined) return last;
    to = from;
  }
  return undefined;
}

/** A line that begins before `from` is found on the next step back. */
async function lastWithin(find: Find, query: Query, from: number, to: number): Promise<number | undefined> {
  let last: number | undefined;
  for await (const found of find(query, { from, to, limit: 100_000 })) {
    if (!isHit(found)) {
      if (found.limited && from < found.to && found.to < to)
        return (await lastWithin(find, query, found.to, to)) ?? last;
    } else if (isProblem(found)) last = found.at;
  }
  return last;
}
