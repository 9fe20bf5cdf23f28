/** What a new link is to be called, to allow, and how long to last. */

import { useRef } from "preact/hooks";
import { t } from "../messages";
import { LABEL_CHARACTERS, ROLES, type Role } from "../protocol";

/** How long a link may last, in seconds; 0 is for ever. */
const LASTING = [0, 3600, 86_400, 604_800] as const;

/** A second click within this is none, in ms: it would make one more link, in the place of the first one's address. */
const DOUBLE_MS = 500;

interface Props {
  /** The hub's clock minus ours, in seconds. */
  skew: number;
  /** Whether it was made. */
  onAdd: (role: Role, label: string, expires: number | null) => Promise<boolean>;
}

export function NewLink({ skew, onAdd }: Props) {
  const busy = useRef(false);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (busy.current) return;
    busy.current = true;
    const form = event.currentTarget as HTMLFormElement;
    const said = new FormData(form);
    const lasting = Number(said.get("lasting"));
    const expires = lasting ? Date.now() / 1000 + skew + lasting : null;
    if (await onAdd(said.get("role") as Role, String(said.get("label")), expires)) form.reset();
    setTimeout(() => {
      busy.current = false;
    }, DOUBLE_MS);
  };
  return (
    <form class="new-link" onSubmit={submit}>
      <label>
        {t.links.label}
        <input name="label" maxLength={LABEL_CHARACTERS} autocomplete="off" placeholder={t.links.labelHint} />
      </label>
      <label>
        {t.links.allows}
        <select name="role">
          {ROLES.filter((role) => role !== "owner").map((role) => (
            <option key={role} value={role}>
              {t.links.roles[role]}
            </option>
          ))}
        </select>
      </label>
      <label>
        {t.links.lasts}
        <select name="lasting">
          {LASTING.map((seconds) => (
            <option key={seconds} value={seconds}>
              {t.links.lasting[seconds]}
            </option>
          ))}
        </select>
      </label>
      <button type="submit">{t.links.add}</button>
    </form>
  );
}
