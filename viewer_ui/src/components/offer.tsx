/** Offers the terminal view to who reads the log of a job that draws on the whole screen. */

import { t } from "../messages";

interface Props {
  onShow: () => void;
  onDismiss: () => void;
}

export function Offer({ onShow, onDismiss }: Props) {
  return (
    <div class="offer" role="status">
      <span>{t.terminal.offer}</span>
      <button type="button" class="yes" onClick={onShow}>
        {t.terminal.show}
      </button>
      <button type="button" aria-label={t.terminal.dismiss} title={t.terminal.dismiss} onClick={onDismiss}>
        ✕
      </button>
    </div>
  );
}
