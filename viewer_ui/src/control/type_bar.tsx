/** A line to type into the job, which its own terminal echoes; what is pasted may be several. */

import type { RefObject } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { t } from "../messages";
import { INPUT_BYTES } from "../protocol";
import { say } from "../reading/toast";
import { typed } from "./typed";

/** The most lines that are seen of what is pasted. */
const ROWS = 5;

/** The code of a key that an input method has taken. */
const COMPOSED = 229;

interface Props {
  field: RefObject<HTMLTextAreaElement | null>;
  /** The run is end-to-end encrypted. */
  sealed: boolean;
  onType: (data: string) => void;
  onClose: () => void;
}

export function TypeBar({ field, sealed, onType, onClose }: Props) {
  const before = useRef<Element | null>(null);
  const [text, setText] = useState("");
  useLayoutEffect(() => {
    before.current = document.activeElement;
    field.current?.focus();
  }, [field]);
  const close = () => {
    onClose();
    if (before.current instanceof HTMLElement) before.current.focus();
  };
  const submit = (event: Event) => {
    event.preventDefault();
    const data = typed(text);
    if (data === undefined) return say(t.control.tooMuch(t.count.bytes(INPUT_BYTES - 1)));
    onType(data);
    setText("");
  };
  const pressed = (event: KeyboardEvent) => {
    // Both keys also end what an input method composes; Safari says that by the code alone, as it has ended it by then.
    if (event.isComposing || event.keyCode === COMPOSED) return;
    if (event.key === "Enter" && !event.shiftKey) submit(event);
    if (event.key === "Escape") close();
  };
  return (
    <form class="type-bar" aria-label={t.control.line} onSubmit={submit}>
      <textarea
        ref={field}
        rows={Math.min(ROWS, text.split("\n").length)}
        value={text}
        aria-label={t.control.line}
        aria-describedby={sealed ? "type-open" : undefined}
        placeholder={t.control.line}
        autocomplete="off"
        autocapitalize="off"
        autocorrect="off"
        enterkeyhint="send"
        spellcheck={false}
        onInput={({ currentTarget }) => setText(currentTarget.value)}
        onKeyDown={pressed}
      />
      <button type="submit">{t.control.send}</button>
      <button type="button" aria-label={t.control.closeLine} title={t.control.closeLine} onClick={close}>
        ✕
      </button>
      {sealed && (
        <p id="type-open" class="warn">
          {t.control.open}
        </p>
      )}
    </form>
  );
}
