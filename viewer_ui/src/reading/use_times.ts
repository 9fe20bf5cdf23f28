/** What the column of times says of each row. */

import { useCallback, useEffect } from "preact/hooks";
import type { Session } from "../feed/session";
import type { LogDocument, Row } from "../log/document";
import type { LogView } from "../view/log_view";
import { useSettings } from "./settings";
import { sincePrevious, sinceStart, timeOfDay, widthOf } from "./times";

export function useTimes(view: LogView, log: LogDocument, session: Session): (row: Row, index: number) => string {
  const { times } = useSettings();
  const { started = 0, pty = true } = session.run ?? {};
  const width = widthOf(times, log.now());
  useEffect(() => {
    const { classList, style } = view.scroller;
    classList.toggle("timed", times !== "none");
    style.setProperty("--time-width", String(width));
  }, [view, times, width]);
  return useCallback(
    (row: Row, index: number) => {
      // With the time comes to which descriptor a line was written, which is shown where they are apart.
      const time = row.number && (times !== "none" || !pty) ? log.timeOf(index) : undefined;
      if (times === "none" || time === undefined) return "";
      if (times === "relative") return sinceStart(time);
      if (times === "absolute") return timeOfDay(started + time);
      const before = index > 0 ? log.timeOf(index - 1) : 0;
      return before === undefined ? "" : sincePrevious(time - before);
    },
    [log, times, started, pty],
  );
}
