/** What is said when there is no run to show: not yet, or not at this link. */

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
        <h1>There is no run at this link</h1>
        <p>It may be mistyped, or it was revoked. Whoever gave it to you can make a new one.</p>
      </main>
    );
  }
  return (
    <main class="nothing" aria-live="polite">
      <p>{connection.tone === "warn" ? connection.words : "Opening…"}</p>
    </main>
  );
}
