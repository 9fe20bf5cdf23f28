/** Asks for a key of the hub, and says where it is. */

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { t } from "../messages";
import "../key_form.css";

interface Props {
  words: { keyTitle: string; keyHint: string; key: string; keyWrong: string };
  /** The last one was. */
  wrong: boolean;
  onKey: (key: string) => void;
}

export function KeyForm({ words, wrong, onKey }: Props) {
  const field = useRef<HTMLInputElement>(null);
  const [key, setKey] = useState("");
  // There is nothing else to do here.
  useLayoutEffect(() => field.current?.focus(), []);
  const submit = (event: Event) => {
    event.preventDefault();
    if (key.trim()) onKey(key.trim());
  };
  return (
    <main class="nothing">
      <h1>{words.keyTitle}</h1>
      <p>{words.keyHint}</p>
      <form class="key-form" onSubmit={submit}>
        <label for="hub-key">{words.key}</label>
        <input
          ref={field}
          id="hub-key"
          type="password"
          autocomplete="current-password"
          required
          value={key}
          onInput={({ currentTarget }) => setKey(currentTarget.value)}
          aria-describedby={wrong ? "wrong-key" : undefined}
          aria-invalid={wrong}
        />
        <button type="submit">{t.keyDo}</button>
      </form>
      {wrong && (
        <p id="wrong-key" class="warn" role="alert">
          {words.keyWrong}
        </p>
      )}
    </main>
  );
}
