/** The keys that lead to the next error or warning, and what those are recognised by. */

import { useLayoutEffect, useState } from "preact/hooks";
import { useKeys } from "../components/keys";
import { useStored } from "../components/stored";
import type { Session } from "../feed/session";
import type { LogDocument } from "../log/document";
import { t } from "../messages";
import type { Journey } from "../reading/journey";
import { say } from "../reading/toast";
import type { LogView } from "../view/log_view";
import { Refused } from "./found";
import { highlightLine } from "./highlight";
import { nextProblem, PATTERNS, type Problem } from "./problems";
import { findIn } from "./use_search";

/** The reader's own patterns, or those of the beginning. */
export function usePatterns(): Record<Problem, [pattern: string, set: (pattern: string) => void]> {
  return { error: useStored("errors", PATTERNS.error), warning: useStored("warnings", PATTERNS.warning) };
}

export function useProblems(view: LogView, log: LogDocument, session: Session, journey: Journey | undefined): void {
  const patterns = usePatterns();
  const [led, setLed] = useState<number | undefined>(undefined);
  useLayoutEffect(() => {
    if (led === undefined) return;
    const mark = () => highlightLine(view, log, led);
    view.onDraw.add(mark);
    view.invalidate();
    return () => view.onDraw.delete(mark) && undefined;
  }, [view, log, led]);

  const go = async (level: Problem, by: 1 | -1) => {
    const from = placeOf(view, log, led);
    const isUnderWay = journey?.setOut();
    const row = await nextProblem(findIn(session), log, session.progress.notes, from, by, level, patterns[level][0]);
    if (row === undefined)
      return say((level === "error" ? t.reading.noError : t.reading.noWarning)[by > 0 ? "next" : "previous"]);
    if (!isUnderWay?.()) return;
    setLed(log.offsetOf(row));
    view.reveal(row);
  };
  const lead = (level: Problem, by: 1 | -1) => () => {
    go(level, by).catch((error) => say((error instanceof Refused && error.message) || t.search.failed));
  };
  useKeys({ e: lead("error", 1), E: lead("error", -1), w: lead("warning", 1), W: lead("warning", -1) });
}

/** Where the reader was led to last, while that is in sight; else the middle of what is. */
function placeOf(view: LogView, log: LogDocument, led: number | undefined): number {
  const row = led === undefined ? undefined : log.rowOfOffset(led);
  const drawn = row === undefined ? undefined : view.rows.at(row)?.element.getBoundingClientRect();
  const { top, bottom } = view.scroller.getBoundingClientRect();
  if (row !== undefined && drawn && drawn.bottom > top && drawn.top < bottom) return row;
  return view.following ? log.count : view.middle;
}
