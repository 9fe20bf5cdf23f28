/** Opens the dialog of the run's links, which is loaded when it is first wanted. */

import type { ComponentType } from "preact";
import { useState } from "preact/hooks";
import { t } from "../messages";
import { say } from "../reading/toast";

type Dialog = ComponentType<{ skew: number; onClose: () => void }>;

/** `skew` is the hub's clock minus ours, in seconds. */
export function LinksButton({ skew }: { skew: number }) {
  const [dialog, setDialog] = useState<{ Dialog: Dialog } | undefined>(undefined);
  const open = () => {
    import("./links_dialog")
      .then(({ LinksDialog }) => setDialog({ Dialog: LinksDialog }))
      .catch(() => say(t.links.unreachable));
  };
  return (
    <>
      <button type="button" class="icon-button" aria-label={t.links.title} title={t.links.title} onClick={open}>
        <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
          <path
            d="M8 10V1.8M4.8 5 8 1.8 11.2 5M3 8.5v5.7h10V8.5"
            fill="none"
            stroke="currentColor"
            stroke-width="1.5"
            stroke-linecap="round"
            stroke-linejoin="round"
          />
        </svg>
      </button>
      {dialog && <dialog.Dialog skew={skew} onClose={() => setDialog(undefined)} />}
    </>
  );
}
