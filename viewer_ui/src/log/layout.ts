/** How a run's facts and events bear on the terminal its output is drawn with. */

import type { Info, RunEvent } from "../protocol";
import type { Layout } from "./segments";
import type { Mark } from "./terminal_log";

/** The most characters shown of a note: it may be anybody's. */
const NOTE = 240;

/** Output that wasn't written for a terminal is laid out wide; its lines wrap for the emulator alone. */
const PIPE = { cols: 500, rows: 24 };
const TERMINAL = { cols: 80, rows: 24 };
const LARGEST = { cols: 2000, rows: 500 };

export function layoutOf(run: Pick<Info, "pty" | "cols" | "rows">): Layout {
  if (!run.pty) return { ...PIPE, convertEol: true };
  return { ...sizeOf(run), convertEol: false };
}

/** What an event does to the terminal or says among its lines, if anything. */
export function markOf(event: RunEvent): Mark | undefined {
  const { at, kind } = event;
  if (kind === "resize") return { at, kind, ...sizeOf(event) };
  if (kind === "gap") return { at, kind, bytes: numberOf(event.bytes) };
  if (kind === "note" && event.level === "error") return { at, kind, text: oneLine(event.text) };
  return undefined;
}

/** A text in one line, cut where it is long. Events are the job's, and may hold anything. */
function oneLine(text: unknown): string {
  if (typeof text !== "string") return "";
  const line = text.replace(/[\s\p{Cc}]+/gu, " ").trim();
  return line.length > NOTE ? `${line.slice(0, NOTE)}…` : line;
}

function sizeOf({ cols, rows }: { cols?: number; rows?: number }): { cols: number; rows: number } {
  return {
    cols: Math.min(LARGEST.cols, Math.max(2, numberOf(cols) || TERMINAL.cols)),
    rows: Math.min(LARGEST.rows, Math.max(2, numberOf(rows) || TERMINAL.rows)),
  };
}

function numberOf(value: unknown): number {
  return typeof value === "number" ? value : 0;
}
