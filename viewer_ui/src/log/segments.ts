/** Splits output into long stretches of complete plain lines, which need no terminal, and the rest. */

const NEWLINE = 10;
const RETURN = 13;
const TAB = 9;

/** Below this a stretch isn't worth leaving the emulator for. */
export const STRETCH = 4 * 1024;

export interface Segment {
  plain: boolean;
  data: Uint8Array;
}

/** How the run's output is laid out: its width, and whether a bare newline returns to the first column. */
export interface Layout {
  cols: number;
  rows: number;
  convertEol: boolean;
}

/** How many lines fill the screen, and push off it what was there and where a cursor was saved. */
export function screenful(layout: Layout): number {
  return 2 * layout.rows;
}

/** Plain segments have at least `STRETCH` bytes and more than a screenful of lines. */
export function* segments(data: Uint8Array, layout: Layout): Generator<Segment> {
  let raw = 0;
  let at = 0;
  while (at < data.length) {
    const stretch = plainStretch(data, at, layout);
    if (stretch.end - at >= STRETCH && stretch.lines > screenful(layout)) {
      if (at > raw) yield { plain: false, data: data.subarray(raw, at) };
      yield { plain: true, data: data.subarray(at, stretch.end) };
      raw = at = stretch.end;
    } else {
      const newline = data.indexOf(NEWLINE, stretch.end);
      at = newline < 0 ? data.length : newline + 1;
    }
  }
  if (raw < data.length) yield { plain: false, data: data.subarray(raw) };
}

/** The complete plain lines from `at` on. */
function plainStretch(data: Uint8Array, at: number, layout: Layout): { end: number; lines: number } {
  let lines = 0;
  for (;;) {
    const next = plainLine(data, at, layout);
    if (next < 0) return { end: at, lines };
    at = next;
    lines++;
  }
}

/** Where the next line begins when this one is plain and complete, else -1. */
function plainLine(data: Uint8Array, from: number, layout: Layout): number {
  let at = from;
  let tabs = 0;
  let high = 0;
  for (;;) {
    const byte = data[at++] as number;
    if (byte >= 0x20 && byte < 0x7f) continue;
    if (byte >= 0x80) high++;
    else if (byte === TAB) tabs++;
    else break;
  }
  const end = at - 1;
  while (data[at - 1] === RETURN) at++;
  if (data[at - 1] !== NEWLINE || (at - 1 === end && !layout.convertEol)) return -1;
  if (tabs && (high || end - from + 7 * tabs >= layout.cols)) return -1;
  if (high && !simple(data.subarray(from, end))) return -1;
  return at;
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Scripts whose characters stand alone: what combines, joins or controls is left to the emulator. */
const SIMPLE =
  /^[\x20-\x7e\u00a1-\u00ac\u00ae-\u02ff\u0391-\u0451\u2010-\u2027\u2030-\u205e\u20a0-\u20bf\u2190-\u2bff\u3001-\u3029\u3031-\u3096\u30a0-\u30ff\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff60]*$/;

function simple(data: Uint8Array): boolean {
  try {
    return SIMPLE.test(utf8.decode(data));
  } catch {
    return false; // not UTF-8: how it looks is the emulator's to say
  }
}
