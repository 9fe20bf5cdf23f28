/** What is said when there is no run to show: not yet, or not at this link. */

import { t } from "../messages";
import type { ErrorCode } from "../protocol";
import type { Tone } from "../words";

interface Props {
  connection: { words: string; tone: Tone };
  refused: ErrorCode | undefined;
}

export function Nothing({ connection, refused }: Props) {
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
