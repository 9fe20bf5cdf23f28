/** What the hub's search says, line by line. */

import { piecesOf } from "../feed/pieces";
import { authorization } from "../key";

/** A line that matches. */
export interface Hit {
  /** Its number from 1, by the newlines before it. */
  line: number;
  /** The offset of its first byte. */
  at: number;
  /** What of it has matched, from left to right. */
  matches: string[];
  /** Of its text, 400 characters at most around the first match. */
  text: string;
}

/** How far a search is, and whether it is over: all searched, or `limited` to what it has found so far. */
export interface Progress {
  to: number;
  done?: boolean;
  limited?: boolean;
}

export interface Query {
  text: string;
  case: boolean;
  regex: boolean;
}

/** Where in the output to look, by offset, and for how many lines at most. */
export interface Scope {
  from: number;
  to?: number | undefined;
  limit?: number | undefined;
}

/** Why the hub can't search for that, in a sentence: for good, or for now. */
export class Refused extends Error {
  constructor(
    reason: string,
    readonly final = true,
  ) {
    super(reason);
  }
}

interface Line extends Progress {
  line?: number;
  at: number;
  text: string;
  spans: [number, number][];
}

/** Searches a run. */
export type Find = (query: Query, scope: Scope, signal?: AbortSignal) => AsyncGenerator<Hit | Progress>;

/** What the hub finds, as it finds it. */
export async function* search(query: Query, scope: Scope, signal?: AbortSignal): AsyncGenerator<Hit | Progress> {
  const response = await fetch(`${location.pathname}/search?${asked(query, scope)}`, {
    headers: authorization(),
    ...(signal && { signal }),
  });
  const { status } = response;
  if (status === 400 || status === 503) throw new Refused((await response.text()).trim(), status === 400);
  if (!response.ok || !response.body) throw new Error(`search: ${status}`);
  const text = new TextDecoder();
  let rest = "";
  for await (const piece of piecesOf(response.body)) {
    const lines = (rest + text.decode(piece, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield said(JSON.parse(line) as Line);
  }
}

function asked({ text, case: exactly, regex }: Query, { from, to, limit }: Scope): URLSearchParams {
  const given = { q: text, case: Number(exactly), regex: Number(regex), from, to, limit };
  const kept = Object.entries(given).filter(([, value]) => value !== undefined);
  return new URLSearchParams(kept.map(([name, value]) => [name, String(value)]));
}

function said({ line, at, text, spans, ...progress }: Line): Hit | Progress {
  if (line === undefined) return progress;
  return { line, at, text, matches: spans.map(([start, end]) => text.slice(start, end)) };
}

export function isHit(found: Hit | Progress): found is Hit {
  return "line" in found;
}
