/** The log with its keys, and the button that leads back to the end. */

import type { RefObject } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Session } from "../feed/session";
import type { LogDocument } from "../log/document";
import { t } from "../messages";
import { type Away, here, linesSince } from "../reading/left";
import { Reading } from "../reading/reading";
import { Finding } from "../search/finding";
import { LogView } from "../view/log_view";
import { useKeys } from "./keys";

interface Props {
  document: LogDocument;
  session: Session;
  /** What draws it, once it does. */
  view: RefObject<LogView | undefined>;
}

export function LogPane({ document, session, view }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const [shown, setShown] = useState<LogView | undefined>(undefined);
  const [letGo, setLetGo] = useState<Away | undefined>(undefined);

  useLayoutEffect(() => {
    if (!scroller.current) return;
    const made = new LogView(scroller.current, document);
    made.onFollow = () => setLetGo(made.following ? undefined : here(document));
    view.current = made;
    setShown(made);
    const stop = session.onChange(() => made.invalidate());
    // What is under way is timed.
    const tick = setInterval(() => made.invalidate(), 1000);
    return () => {
      stop();
      clearInterval(tick);
    };
  }, [document, session, view]);

  const follow = () => view.current?.follow();
  const start = () => view.current?.toStart();
  useKeys({
    f: follow,
    G: follow,
    End: follow,
    g: start,
    Home: start,
    j: () => view.current?.step(1),
    k: () => view.current?.step(-1),
    ArrowDown: () => view.current?.step(1),
    ArrowUp: () => view.current?.step(-1),
    PageDown: () => view.current?.page(1),
    PageUp: () => view.current?.page(-1),
  });

  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard */}
      <div class="log" role="log" aria-live="off" aria-label={t.log.title} tabIndex={0} ref={scroller} />
      {shown && <Reading view={shown} document={document} session={session} letGo={letGo} />}
      {shown && <Finding view={shown} document={document} session={session} />}
      {letGo && (
        <button type="button" class="follow" onClick={follow}>
          {t.log.live}
          {linesSince(document, letGo) > 0 && ` · ${t.count.newLines(linesSince(document, letGo))}`}
        </button>
      )}
    </>
  );
}
