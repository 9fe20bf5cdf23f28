/** Asks where to go. */

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { t } from "../messages";
import { type Wish, wishOf } from "./wish";

interface Props {
  onGo: (wish: Wish) => void;
  onClose: () => void;
}

export function GoTo({ onGo, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const field = useRef<HTMLInputElement>(null);
  const [wrong, setWrong] = useState(false);
  useLayoutEffect(() => dialog.current?.showModal(), []);
  const submit = (event: Event) => {
    const wish = wishOf(field.current?.value ?? "");
    setWrong(!wish);
    if (wish) onGo(wish);
    else event.preventDefault();
  };
  return (
    <dialog ref={dialog} class="go-to" onClose={onClose} aria-labelledby="go-to-title">
      <form method="dialog" onSubmit={submit}>
        <label id="go-to-title" for="go-to-place">
          {t.reading.goTo}
        </label>
        <div class="go-to-place">
          <input
            id="go-to-place"
            ref={field}
            autocomplete="off"
            spellcheck={false}
            aria-describedby="go-to-hint"
            aria-invalid={wrong}
          />
          <button type="submit">{t.reading.go}</button>
        </div>
        <p id="go-to-hint" class={wrong ? "bad" : "quiet"} role={wrong ? "alert" : undefined}>
          {t.reading.goToHint}
        </p>
      </form>
    </dialog>
  );
}
