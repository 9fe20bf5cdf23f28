/** The keys, in a dialog. */

import { useLayoutEffect, useRef } from "preact/hooks";
import { t } from "../messages";
import { readingHelp } from "../reading/help";
import { replayHelp } from "../replay/help";
import { searchHelp } from "../search/help";
import type { KeyHelp } from "./keys";

const keys = (): KeyHelp[] => [
  [["f", "G", "End"], t.help.follow],
  [["g", "Home"], t.help.start],
  [["j", "k"], t.help.line],
  [["PgDn", "PgUp"], t.help.page],
  ...searchHelp(),
  ...readingHelp(),
  ...replayHelp(),
  [["i"], t.help.panel],
  [["?"], t.help.help],
];

export function Help({ onClose }: { onClose: () => void }) {
  return <KeysDialog keys={keys()} onClose={onClose} />;
}

export function KeysDialog({ keys, onClose }: { keys: KeyHelp[]; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class="keys" onClose={onClose} aria-labelledby="help-title">
      <h2 id="help-title">{t.help.title}</h2>
      <dl>
        {keys.map(([pressed, what]) => (
          <div key={what}>
            <dt>
              {pressed.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <form method="dialog">
        <button type="submit">{t.help.close}</button>
      </form>
    </dialog>
  );
}
