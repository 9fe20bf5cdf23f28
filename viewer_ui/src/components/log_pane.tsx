/** The log with its keys, and the button that leads back to the end. */

import { useEffect, useRef, useState } from "preact/hooks";
import type { Session } from "../feed/session";
import type { LogDocument } from "../log/document";
import { LogView } from "../view/log_view";
import { count } from "../words";
import { useKeys } from "./keys";

export function LogPane({ document, session }: { document: LogDocument; session: Session }) {
  const scroller = useRef<HTMLDivElement>(null);
  const view = useRef<LogView | undefined>(undefined);
  const [letGoAt, setLetGoAt] = useState<number | undefined>(undefined);

  useEffect(() => {
    if (!scroller.current) return;
    const shown = new LogView(scroller.current, document);
    shown.onFollow = () => setLetGoAt(shown.following ? undefined : document.lines);
    view.current = shown;
    return session.onChange(() => shown.invalidate());
  }, [document, session]);

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
      <div class="log" role="log" aria-live="off" aria-label="Output" tabIndex={0} ref={scroller} />
      {letGoAt !== undefined && (
        <button type="button" class="follow" onClick={follow}>
          ↓ live{document.lines > letGoAt && ` · ${count(document.lines - letGoAt, "new line")}`}
        </button>
      )}
    </>
  );
}
