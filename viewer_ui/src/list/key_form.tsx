/** Asks for the owner's key, and says where it is. */

import { useState } from "preact/hooks";
import { t } from "../messages";

interface Props {
  /** The last one was. */
  wrong: boolean;
  onKey: (key: string) => void;
}

export function KeyForm({ wrong, onKey }: Props) {
  const [key, setKey] = useState("");
  const submit = (event: Event) => {
    event.preventDefault();
    if (key.trim()) onKey(key.trim());
  };
  return (
    <main class="nothing">
      <h1>{t.list.keyTitle}</h1>
      <p>{t.list.keyHint}</p>
      <form class="key-form" onSubmit={submit}>
        <label for="owner-key">{t.list.key}</label>
        <input
          id="owner-key"
          type="password"
          autocomplete="current-password"
          required
          value={key}
          onInput={({ currentTarget }) => setKey(currentTarget.value)}
          aria-describedby={wrong ? "wrong-key" : undefined}
          aria-invalid={wrong}
        />
        <button type="submit">{t.list.keyDo}</button>
      </form>
      {wrong && (
        <p id="wrong-key" class="warn" role="alert">
          {t.list.keyWrong}
        </p>
      )}
    </main>
  );
}
