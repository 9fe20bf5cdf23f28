/** Searches what was decrypted, line by line, as the hub does it with what it can read. */

import { type Hit, type Progress, type Query, Refused, type Scope } from "../../search/found";
import type { Plain } from "./plain";
import { plainLine } from "./text";

/** How many lines one search finds unless it says otherwise, and how much is shown of each. */
const LIMIT = 10_000;
const SHOWN = 400;

/** After so many bytes the browser gets a turn. */
const TURN = 1024 * 1024;

export interface Line {
  line: number;
  at: number;
  text: string;
  /** The offset behind it and its newline. */
  end: number;
}

/** The lines from the one that the byte at `from` is in, up to the one that `to` is in, without escapes. */
export function* linesOf(plain: Plain, from: number, to: number): Generator<Line> {
  const utf8 = new TextDecoder();
  let { at, line } = plain.lineAt(from);
  let rest: Uint8Array[] = [];
  const said = (end: number): Line => {
    const text = rest.map((part) => utf8.decode(part, { stream: true })).join("") + utf8.decode();
    rest = [];
    return { line: ++line, at, text: plainLine(text), end };
  };
  let place = at;
  for (const piece of plain.read(at, to)) {
    let begin = 0;
    for (let end = piece.indexOf(10); end >= 0; end = piece.indexOf(10, begin)) {
      rest.push(piece.subarray(begin, end));
      yield said(place + end + 1);
      begin = end + 1;
      at = place + begin;
    }
    if (begin < piece.length) rest.push(piece.subarray(begin));
    place += piece.length;
  }
  if (rest.length) yield said(place);
}

export async function* find(
  plain: Plain,
  query: Query,
  { from, to = plain.end, limit = LIMIT }: Scope,
  signal?: AbortSignal,
): AsyncGenerator<Hit | Progress> {
  const pattern = patternOf(query);
  let [reached, turn, count] = [from, from + TURN, 0];
  for (const { line, at, text, end } of linesOf(plain, from, to)) {
    const matches = at < from ? [] : [...text.matchAll(pattern)].map(([match]) => match).filter(Boolean);
    if (matches.length) yield { line, at, matches, text: text.slice(0, SHOWN) };
    reached = text && end === to ? at : end;
    count += matches.length ? 1 : 0;
    if (count >= limit) return yield { to: end, done: true, limited: true };
    if (end < turn) continue;
    turn = end + TURN;
    yield { to: end };
    await new Promise((rested) => setTimeout(rested));
    signal?.throwIfAborted();
  }
  yield { to: Math.max(from, reached), done: true, limited: false };
}

function patternOf({ text, case: exactly, regex }: Query): RegExp {
  try {
    return new RegExp(regex ? text : text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"), exactly ? "gu" : "giu");
  } catch (error) {
    throw new Refused(error instanceof Error ? error.message : "");
  }
}
