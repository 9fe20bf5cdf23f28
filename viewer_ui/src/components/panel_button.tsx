/** Opens and closes the side panel; says how many warnings and errors are in it. */

import { t } from "../messages";
import type { Progress } from "../progress/fold";

interface Props {
  counts: Progress["counts"];
  open: boolean;
  onClick: () => void;
}

export function PanelButton({ counts: { warning, error }, open, onClick }: Props) {
  const found = [warning && t.count.warnings(warning), error && t.count.errors(error)].filter(Boolean);
  const label = [t.panel.title, ...found].join(", ");
  return (
    <button
      type="button"
      class="panel-button"
      title={label}
      aria-expanded={open}
      aria-controls="panel"
      onClick={onClick}
    >
      <span class="unseen">{label}</span>
      {error > 0 && (
        <span class="bad" aria-hidden="true">
          ✗ {error}
        </span>
      )}
      {warning > 0 && (
        <span class="warn" aria-hidden="true">
          ⚠ {warning}
        </span>
      )}
      <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
        <path
          d="M2 13h12M4 10V8m4 2V3m4 7V6"
          fill="none"
          stroke="currentColor"
          stroke-width="1.8"
          stroke-linecap="round"
        />
      </svg>
    </button>
  );
}
