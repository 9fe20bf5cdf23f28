/** Opens the find bar, where there is no keyboard at hand. */

import { t } from "../messages";
import { openFindBar } from "./finding";

export function FindButton() {
  return (
    <button
      type="button"
      class="quiet-button"
      aria-label={t.search.open}
      title={t.search.open}
      aria-keyshortcuts="/"
      onClick={openFindBar}
    >
      <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
        <circle cx="6.5" cy="6.5" r="4.5" fill="none" stroke="currentColor" stroke-width="1.6" />
        <path d="M10 10l4.5 4.5" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" />
      </svg>
    </button>
  );
}
