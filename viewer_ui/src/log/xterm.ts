/** A terminal of xterm.js as we use it: nothing answers or leaves it, and no sequence takes it more than a moment. */

import { Terminal } from "@xterm/headless";
import type { Layout } from "./segments";

/** CAN: ends whatever sequence has begun; as a byte it ends half a character too. */
export const CANCEL = new Uint8Array([0x18]);

/** CSI functions whose first parameter xterm.js uses as an unbounded loop count: over rows, over columns. */
const ROW_LOOPS = ["L", "M", "S", "T"];
const COLUMN_LOOPS = ["I", "Z", "b"];

export function newTerminal({ cols, rows, convertEol }: Layout, scrollback: number): Terminal {
  const options = { convertEol, scrollback, allowProposedApi: true, logLevel: "off" } as const;
  const terminal = new Terminal({ cols, rows, ...options });
  const { parser } = terminal;
  for (const final of ROW_LOOPS) parser.registerCsiHandler({ final }, ([n]) => Number(n) > 4 * terminal.rows);
  for (const final of COLUMN_LOOPS) parser.registerCsiHandler({ final }, ([n]) => Number(n) > 4 * terminal.cols);
  return terminal;
}

/** What has come of a character that isn't whole yet, by terminal. */
const begun = new WeakMap<Terminal, Uint8Array>();

/**
 * Parses at once: xterm.js does so for the first write after input, and defers every other by a timer. A character is
 * held back until it is whole: of those cut after a byte 0x80, as U+2018 may be, xterm.js 6.0 makes nothing.
 */
export function parse(terminal: Terminal, data: Uint8Array | string): void {
  terminal.input("");
  terminal.write(typeof data === "string" ? data : wholeCharacters(terminal, data));
}

/** Whether a character has come in part. */
export function midCharacter(terminal: Terminal): boolean {
  return begun.has(terminal);
}

function wholeCharacters(terminal: Terminal, data: Uint8Array): Uint8Array {
  const before = begun.get(terminal);
  const all = before ? joined(before, data) : data;
  const end = all.length - unfinished(all);
  if (end < all.length) begun.set(terminal, all.slice(end));
  else begun.delete(terminal);
  return all.subarray(0, end);
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

/** How many bytes at the end of `data` begin a character of UTF-8 that is longer. */
function unfinished(data: Uint8Array): number {
  for (let n = 1; n <= Math.min(3, data.length); n++) {
    const byte = data[data.length - n] ?? 0;
    if ((byte & 0xc0) !== 0x80) return n < lengthBy(byte) ? n : 0;
  }
  return 0;
}

/** The length of a character by its first byte. */
function lengthBy(byte: number): number {
  if (byte < 0xc0 || byte >= 0xf8) return 1;
  return byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
}
