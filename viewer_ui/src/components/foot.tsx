/** How what is shown stands to what there is, what is wrong with it, and how much there is. */

import type { SealedHub } from "../feed/sealed/sealed_hub";
import { t } from "../messages";
import { SettingsButton } from "../reading/settings_button";
import { FindButton } from "../search/find_button";
import { type Said, size } from "../words";
import { Downloads } from "./downloads";

interface Props {
  bytes: number;
  lines: number;
  connection: Said;
  troubles: string[];
  proof: string;
  /** The run, where it is encrypted. */
  sealed: SealedHub | undefined;
  isPrivate: boolean;
  onHelp: () => void;
}

export function Foot({ bytes, lines, connection, troubles, proof, sealed, isPrivate, onHelp }: Props) {
  return (
    <footer>
      <span class={`connection ${connection.tone}`}>
        <span role="status" title={proof}>
          {connection.words}
        </span>
        {connection.more}
      </span>
      {troubles.length > 0 && (
        <span class="troubles warn" role="status">
          {troubles.join(" ")}
        </span>
      )}
      <span class="amount">
        {t.count.lines(lines)} · <span title={t.count.bytes(bytes)}>{size(bytes)}</span>
      </span>
      <FindButton />
      <Downloads sealed={sealed} isPrivate={isPrivate} />
      <SettingsButton />
      <button
        type="button"
        class="quiet-button help-button"
        aria-label={t.help.button}
        title={t.help.button}
        onClick={onHelp}
      >
        ?
      </button>
    </footer>
  );
}
