/** The run as files to keep, while it goes on as well. */

import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import type { Ending } from "../feed/sealed/files";
import type { SealedHub } from "../feed/sealed/sealed_hub";
import { t } from "../messages";
import { say } from "../reading/toast";
import { FileLink } from "./file_link";
import { saveFile } from "./save_file";

/** What the hub makes of a run, by what comes behind its link. */
const FILES = [
  [".txt", "text"],
  [".ansi", "ansi"],
  [".cast", "cast"],
  [".html", "html"],
  ["/metrics.csv", "metrics"],
] as const;

/** What the page makes of a run that its hub can't read. */
const MADE_HERE = FILES.filter((file) => file[0] !== ".html");

/** Has the browser keep a file that is made here. */
async function keep(sealed: SealedHub, ending: Ending): Promise<void> {
  if (sealed.behind) say(t.downloads.waiting);
  const content = await sealed.file(ending);
  const { id } = await sealed.info();
  saveFile(content, id + ending.replace("/", "-"));
}

interface MadeProps {
  sealed: SealedHub;
  ending: Ending;
  onClick: () => void;
  children: ComponentChildren;
}

/** A link to a file that is made when it is asked for. */
function MadeLink({ sealed, ending, onClick, children }: MadeProps) {
  const take = (event: MouseEvent) => {
    event.preventDefault();
    onClick();
    keep(sealed, ending).catch(() => say(t.downloads.failed));
  };
  return (
    <a href={`${location.pathname}${ending}`} onClick={take}>
      {children}
    </a>
  );
}

interface Props {
  /** The run, where it is encrypted. */
  sealed: SealedHub | undefined;
  isPrivate: boolean;
}

export function Downloads({ sealed, isPrivate }: Props) {
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
          {sealed
            ? MADE_HERE.map(([ending, what]) => (
                <li key={what}>
                  <MadeLink sealed={sealed} ending={ending} onClick={close}>
                    <b>{ending.replace("/", "")}</b> {t.downloads[what]}
                  </MadeLink>
                </li>
              ))
            : FILES.map(([ending, what]) => (
                <li key={what}>
                  <FileLink path={ending} isPrivate={isPrivate} onClick={close}>
                    <b>{ending.replace("/", "")}</b> {t.downloads[what]}
                  </FileLink>
                </li>
              ))}
        </ul>
        {sealed && <p>{t.sealed.downloads}</p>}
      </div>
    </>
  );
}
