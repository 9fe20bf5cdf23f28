/** The keys, in a dialog. */

import { useEffect, useRef } from "preact/hooks";

const KEYS: [string[], string][] = [
  [["f", "G", "End"], "follow the end"],
  [["g", "Home"], "to the first line"],
  [["j", "k"], "a line down, a line up"],
  [["PgDn", "PgUp"], "a page down, a page up"],
  [["i"], "details: metrics, notes, tasks"],
  [["?"], "this help"],
];

export function Help({ onClose }: { onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} onClose={onClose} aria-labelledby="help-title">
      <h2 id="help-title">Keyboard</h2>
      <dl>
        {KEYS.map(([keys, what]) => (
          <div key={what}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <form method="dialog">
        <button type="submit">Close</button>
      </form>
    </dialog>
  );
}
