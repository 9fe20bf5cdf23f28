/** A line to type into the job, which its own terminal echoes. */

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { t } from "../messages";

/** As many characters as are never more than a request may hold. */
const LONGEST = 1000;

interface Props {
  onType: (data: string) => void;
  onClose: () => void;
}

export function TypeBar({ onType, onClose }: Props) {
  const field = useRef<HTMLInputElement>(null);
  const [line, setLine] = useState("");
  useLayoutEffect(() => field.current?.focus(), []);
  const submit = (event: Event) => {
    event.preventDefault();
    // What a terminal sends when Enter is pressed.
    onType(`${line}\r`);
    setLine("");
  };
  return (
    <form
      class="type-bar"
      aria-label={t.control.line}
      onSubmit={submit}
      onKeyDown={({ key }) => key === "Escape" && onClose()}
    >
      <input
        ref={field}
        type="text"
        value={line}
        aria-label={t.control.line}
        placeholder={t.control.line}
        autocomplete="off"
        autocapitalize="off"
        enterkeyhint="send"
        spellcheck={false}
        maxLength={LONGEST}
        onInput={({ currentTarget }) => setLine(currentTarget.value)}
      />
      <button type="submit">{t.control.send}</button>
      <button type="button" aria-label={t.control.closeLine} title={t.control.closeLine} onClick={onClose}>
        ✕
      </button>
    </form>
  );
}
