/** Copies a text, and says so for a moment. */

import { useEffect, useState } from "preact/hooks";
import { copyText } from "../clipboard";
import { t } from "../messages";

/** How long it says what has happened, in ms. */
const SAID = 2000;

export function CopyButton({ text, label }: { text: string; label: string }) {
  const [copied, setCopied] = useState<boolean | undefined>(undefined);
  useEffect(() => {
    if (copied === undefined) return;
    const timer = setTimeout(() => setCopied(undefined), SAID);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <>
      <button
        type="button"
        class="copy"
        aria-label={label}
        title={label}
        onClick={() => void copyText(text).then(setCopied)}
      >
        <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
          <path
            d="M5.5 5.5v-3h8v8h-3m-8-5h8v8h-8z"
            fill="none"
            stroke="currentColor"
            stroke-width="1.4"
            stroke-linejoin="round"
          />
        </svg>
      </button>
      <span class="copied" role="status">
        {copied !== undefined && (copied ? t.copying.done : t.copying.failed)}
      </span>
    </>
  );
}
