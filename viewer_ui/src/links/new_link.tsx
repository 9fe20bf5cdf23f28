/** What a new link is to be called, to allow, and how long to last. */

import { t } from "../messages";
import { LABEL_CHARACTERS, ROLES, type Role } from "../protocol";

/** How long a link may last, in seconds; 0 is for ever. */
const LASTING = [0, 3600, 86_400, 604_800] as const;

interface Props {
  onAdd: (role: Role, label: string, expires: number | null) => Promise<void>;
}

export function NewLink({ onAdd }: Props) {
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const said = new FormData(form);
    const lasting = Number(said.get("lasting"));
    const expires = lasting ? Date.now() / 1000 + lasting : null;
    void onAdd(said.get("role") as Role, String(said.get("label")), expires).then(() => form.reset());
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
