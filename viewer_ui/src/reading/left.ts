/** Where the reader left: the tab was hidden, or let go of the end. On return a line says so. */

import { useEffect, useState } from "preact/hooks";
import type { LogDocument } from "../log/document";
import { t } from "../messages";
import type { Reading } from "../view/log_view";
import { timeOfDay } from "./times";

/** Who is away for less has not left, in ms. */
const BRIEF = 2000;

export type Left = Reading["left"];

/** `letGo` is where the reader let go of the end, while that lasts. */
export function useLeft(log: LogDocument, letGo: Away | undefined): Left {
  const [left, setLeft] = useState<Left>(undefined);
  useEffect(() => {
    let away = here(log);
    const turned = () => {
      if (document.hidden) away = here(log);
      else setLeft((before) => whatCame(log, away) ?? before);
    };
    document.addEventListener("visibilitychange", turned);
    return () => document.removeEventListener("visibilitychange", turned);
  }, [log]);
  useEffect(() => {
    if (letGo) return () => setLeft((before) => whatCame(log, letGo) ?? before);
  }, [log, letGo]);
  return left;
}

/** Where and when somebody left. */
export interface Away {
  /** The first line that wasn't there. */
  line: number;
  /** In ms. */
  at: number;
}

export function here(log: LogDocument): Away {
  return { line: log.lines + 1, at: Date.now() };
}

/** How many lines have come since. */
export function linesSince(log: LogDocument, { line }: Away): number {
  return log.lines + 1 - line;
}

function whatCame(log: LogDocument, away: Away): Left {
  const [lines, { line, at }] = [linesSince(log, away), away];
  if (lines <= 0 || Date.now() - at < BRIEF) return undefined;
  const time = timeOfDay(at / 1000).slice(0, "12:34".length);
  return { line, words: t.reading.left(time, t.count.newLines(lines)) };
}
