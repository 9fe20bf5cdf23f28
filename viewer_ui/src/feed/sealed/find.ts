/** Searches what was decrypted, line by line, as the hub does it with what it can read. */

import { type Hit, type Progress, type Query, Refused, type Scope } from "../../search/found";
import type { Bytes } from "./cipher";
import type { Plain } from "./plain";
import { plainLine } from "./text";

/** How many lines one search finds unless it says otherwise, and how much is shown of each. */
const LIMIT = 10_000;
const SHOWN = 400;

/** A line longer than this comes in parts, as from the hub; each part gives so many matches at most. */
const LINE_BYTES = 1024 * 1024;
const MATCHES = 50;

/** After so many bytes the browser gets a turn. */
const TURN = 1024 * 1024;

const NEWLINE = 10;

export interface Line {
  line: number;
  at: number;
  text: string;
  /** The offset behind it and its newline. */
  end: number;
  /** There is a newline: it is not a part of a line that goes on, or may. */
  ended: boolean;
}

/** The lines, or parts of them, from the one that the byte at `from` is in, up to the one of `to`, without escapes. */
export function* linesOf(plain: Plain, from: number, to: number): Generator<Line> {
  const utf8 = new TextDecoder();
  let { at, line } = plain.lineAt(from);
  let [end, text] = [at, ""];
  const said = (ended: boolean): Line => ({ line: line + 1, at, text: plainLine(text), end, ended });
  for (const piece of piecesOf(plain, at, to)) {
    const ended = piece.at(-1) === NEWLINE;
    text += utf8.decode(ended ? piece.subarray(0, -1) : piece, { stream: !ended });
    end += piece.length;
    if (!ended && end - at < LINE_BYTES) continue;
    if (end > from) yield said(ended);
    [at, text] = [end, ""];
    if (ended) line++;
  }
  text += utf8.decode();
  if (end > at) yield said(false);
}

/** The output in pieces that have no newline but at their end. */
function* piecesOf(plain: Plain, from: number, to: number): Generator<Bytes> {
  for (const block of plain.read(from, to)) {
    for (let begin = 0; begin < block.length; ) {
      const end = block.indexOf(NEWLINE, begin) + 1 || block.length;
      yield block.subarray(begin, end);
      begin = end;
    }
  }
}

export async function* find(
  plain: Plain,
  query: Query,
  { from, to = plain.end, limit = LIMIT }: Scope,
  signal?: AbortSignal,
): AsyncGenerator<Hit | Progress> {
  const pattern = patternOf(query);
  let [reached, turn, count] = [from, from + TURN, 0];
  for (const { line, at, text, end, ended } of linesOf(plain, from, to)) {
    const matches = at < from ? [] : matchesIn(text, pattern);
    if (matches.length) yield { line, at, matches, text: text.slice(0, SHOWN) };
    // What isn't ended may say something else when it is looked at again.
    reached = ended ? end : at;
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

function matchesIn(text: string, pattern: RegExp): string[] {
  const matches: string[] = [];
  for (const [match] of text.matchAll(pattern)) {
    if (match) matches.push(match);
    if (matches.length === MATCHES) break;
  }
  return matches;
}

function patternOf({ text, case: exactly, regex }: Query): RegExp {
  try {
    return new RegExp(regex ? text : text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"), exactly ? "gu" : "giu");
  } catch (error) {
    throw new Refused(error instanceof Error ? error.message : "");
  }
}
