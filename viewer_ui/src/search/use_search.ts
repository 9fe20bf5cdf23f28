/** The search that the reader has going: begun when its words change, ended when they are gone. */

import { useEffect, useReducer, useRef, useState } from "preact/hooks";
import type { Session } from "../feed/session";
import type { LogDocument } from "../log/document";
import type { LogView } from "../view/log_view";
import type { Find, Query } from "./found";
import { Search } from "./search";

/** How long the reader has to pause in typing, in ms. */
const TYPING = 200;

/** How often what is found is shown, in ms. */
const REFRESH = 100;

export function useSearch(
  view: LogView,
  log: LogDocument,
  session: Session,
  { text, case: exactly, regex }: Query,
): Search | undefined {
  const [search, setSearch] = useState<Search | undefined>(undefined);
  const refresh = useRefresh();
  useEffect(() => {
    if (!text) return setSearch(undefined);
    let begun: Search | undefined;
    const timer = setTimeout(() => {
      begun = new Search(findIn(session), { text, case: exactly, regex }, placeOf(view, log), log.end);
      begun.onChange = refresh;
      setSearch(begun);
    }, TYPING);
    const stop = session.onChange(() => begun?.grown(log.end));
    return () => {
      clearTimeout(timer);
      stop();
      begun?.stop();
    };
  }, [view, log, session, text, exactly, regex, refresh]);
  return search;
}

/** Where the run is searched: by its hub, or here where that can't read it. */
export function findIn(session: Session): Find {
  return (...asked) => session.hub.search(...asked);
}

/** The offset of the first line in sight. */
export function placeOf(view: LogView, log: LogDocument): number {
  return log.offsetOf(view.top) ?? 0;
}

/** Has the component drawn anew, soon. */
function useRefresh(): () => void {
  const [, draw] = useReducer((n: number) => n + 1, 0);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const refresh = useRef(() => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      draw(undefined);
    }, REFRESH);
  });
  useEffect(() => () => clearTimeout(timer.current), []);
  return refresh.current;
}
