/** Reads the fields of an event, which is the job's and may hold anything. */

import type { RunEvent } from "../protocol";

export type Fields = Readonly<Record<string, unknown>>;

export function fieldsOf(event: RunEvent): Fields {
  return event as unknown as Fields;
}

export function numberOf(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

/** Characters that turn the direction of what follows them. */
const TURNS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** A text in one line of at most `limit` characters. */
export function lineOf(value: unknown, limit: number): string {
  if (typeof value !== "string") return "";
  const line = value
    .replace(TURNS, "")
    .replace(/[\s\p{Cc}]+/gu, " ")
    .trim();
  return line.length > limit ? `${line.slice(0, limit)}…` : line;
}

export const LEVELS = ["info", "warning", "error"] as const;

export type Level = (typeof LEVELS)[number];

/** How grave a note is; one of no known level is mere information. */
export function levelOf(value: unknown): Level {
  return LEVELS.find((level) => level === value) ?? "info";
}
