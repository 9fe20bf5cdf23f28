/** Asks before runs are deleted. */

import { useLayoutEffect, useRef } from "preact/hooks";
import { t } from "../messages";
import type { ListedRun } from "../protocol";
import { nameOf } from "./list_words";

interface Props {
  runs: ListedRun[];
  onDelete: () => void;
  onClose: () => void;
}

export function Ask({ runs, onDelete, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => dialog.current?.showModal(), []);
  const [only] = runs;
  const which = runs.length === 1 && only ? nameOf(only) : t.count.runs(runs.length);
  return (
    <dialog ref={dialog} class="ask" onClose={onClose} aria-labelledby="ask-title" aria-describedby="ask-what">
      <h2 id="ask-title">
        <bdi>{t.list.removeWhich(which)}</bdi>
      </h2>
      <p id="ask-what">{t.list.removeWhat}</p>
      <form method="dialog">
        <button type="submit">{t.list.cancel}</button>
        <button type="submit" class="bad" onClick={onDelete}>
          {t.list.removeDo}
        </button>
      </form>
    </dialog>
  );
}
