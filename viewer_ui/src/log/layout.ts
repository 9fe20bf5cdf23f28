/** How a run's facts and events bear on the terminal its output is drawn with. */

import { stepOf } from "../control/steps";
import { stepWords } from "../control/words";
import { fieldsOf, levelOf, lineOf, numberOf } from "../progress/fields";
import type { Info, RunEvent } from "../protocol";
import type { Mark } from "./marks";
import type { Layout } from "./segments";

/** The most characters shown of a note, and of a group's name: they may be anybody's. */
const NOTE = 240;
const NAME = 200;

/** Output that wasn't written for a terminal is laid out wide; its lines wrap for the emulator alone. */
const PIPE = { cols: 500, rows: 24 };
const TERMINAL = { cols: 80, rows: 24 };
const LARGEST = { cols: 2000, rows: 500 };

export function layoutOf(run: Pick<Info, "pty" | "cols" | "rows">): Layout {
  if (!run.pty) return { ...PIPE, convertEol: true };
  return { ...sizeOf(run), convertEol: false };
}

/** What an event does to the terminal or says among its lines, if anything. Events are the job's, and may hold anything. */
export function markOf(event: RunEvent): Mark | undefined {
  const { seq, t, at, kind } = event;
  const fields = fieldsOf(event);
  if (kind === "resize") return { at, kind, ...sizeOf(event) };
  if (kind === "gap") return { at, kind, bytes: numberOf(event.bytes) ?? 0 };
  if (kind === "note") return { at, kind, seq, t, level: levelOf(fields.level), text: lineOf(fields.text, NOTE) };
  if (kind === "control") return saidOf(event);
  if (kind === "group") return { at, kind, seq, t, name: lineOf(fields.name, NAME), open: fields.open !== false };
  if (kind === "exit") return { at, kind, seq, t, failed: fields.code !== 0 };
  return undefined;
}

/** What a viewer has done to the job stands where it was done. */
function saidOf(event: RunEvent): Mark | undefined {
  const step = stepOf(event);
  const text = step && stepWords(step);
  return text ? { at: event.at, kind: "note", seq: event.seq, t: event.t, level: "info", text, own: true } : undefined;
}

function sizeOf({ cols, rows }: { cols?: number; rows?: number }): { cols: number; rows: number } {
  return {
    cols: Math.min(LARGEST.cols, Math.max(2, (numberOf(cols) ?? 0) || TERMINAL.cols)),
    rows: Math.min(LARGEST.rows, Math.max(2, (numberOf(rows) ?? 0) || TERMINAL.rows)),
  };
}
