/** What is said when there is no run to show: not yet, or not at this link. */

import { useEffect } from "preact/hooks";
import type { Status } from "../feed/session";
import { t } from "../messages";
import type { ErrorCode } from "../protocol";
import type { Tone } from "../words";

interface Props {
  connection: { words: string; tone: Tone };
  refused: ErrorCode | undefined;
  /** Why an encrypted run can't be read. */
  locked: Status["locked"];
}

export function Nothing({ connection, refused, locked }: Props) {
  useEffect(() => {
    if (!locked) return;
    // The whole link is pasted over the one that lacks something, for which no browser loads the page anew.
    const reload = () => location.reload();
    addEventListener("hashchange", reload);
    return () => removeEventListener("hashchange", reload);
  }, [locked]);
  if (locked) {
    return (
      <main class="nothing">
        <h1>{t.sealed.title}</h1>
        <p>{t.sealed[locked]}</p>
      </main>
    );
  }
  if (refused === "bad_link") {
    return (
      <main class="nothing">
        <h1>{t.nothing.title}</h1>
        <p>{t.nothing.hint}</p>
      </main>
    );
  }
  return (
    <main class="nothing" aria-live="polite">
      <p>{connection.tone === "warn" ? connection.words : t.nothing.opening}</p>
    </main>
  );
}
