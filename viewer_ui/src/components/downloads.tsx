/** The run as files to keep, while it goes on as well. */

import { useId } from "preact/hooks";
import { t } from "../messages";
import { FileLink } from "./file_link";

/** What the hub makes of a run, by what comes behind its link. */
const FILES = [
  [".txt", "text"],
  [".ansi", "ansi"],
  [".cast", "cast"],
  [".html", "html"],
  ["/metrics.csv", "metrics"],
] as const;

export function Downloads({ isPrivate }: { isPrivate: boolean }) {
  const id = useId();
  const close = () => document.getElementById(id)?.hidePopover();
  return (
    <>
      <button
        type="button"
        class="quiet-button downloads-button"
        aria-label={t.downloads.title}
        title={t.downloads.title}
        popovertarget={id}
      >
        <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
          <path d="M8 1.5v8M4.5 6.5 8 10l3.5-3.5M2 14h12" fill="none" stroke="currentColor" stroke-width="1.7" />
        </svg>
      </button>
      <div id={id} popover="auto" class="downloads" role="dialog" aria-label={t.downloads.title}>
        <ul>
          {FILES.map(([ending, what]) => (
            <li key={what}>
              <FileLink path={ending} isPrivate={isPrivate} onClick={close}>
                <b>{ending.replace("/", "")}</b> {t.downloads[what]}
              </FileLink>
            </li>
          ))}
        </ul>
      </div>
    </>
  );
}
