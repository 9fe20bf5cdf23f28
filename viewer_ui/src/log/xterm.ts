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

/** Parses at once: xterm.js does so for the first write after input, and defers every other by a timer. */
export function parse(terminal: Terminal, data: Uint8Array | string): void {
  terminal.input("");
  terminal.write(data);
}
