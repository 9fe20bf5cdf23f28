/** What is said while there is no run: the command that makes one, here and from elsewhere. */

import { CopyButton } from "../components/copy_button";
import { t } from "../messages";
import { root } from "../root";

export function Empty() {
  const here = "progress run python3 train.py";
  const elsewhere = `PROGRESS_KEY=… progress run --hub ${location.origin}${root().slice(0, -1)} python3 train.py`;
  return (
    <section class="nothing">
      <h2>{t.list.emptyTitle}</h2>
      <p>{t.list.emptyHint}</p>
      <Command text={here} />
      <p>{t.list.emptyElsewhere}</p>
      <Command text={elsewhere} />
    </section>
  );
}

function Command({ text }: { text: string }) {
  return (
    <p class="command-line">
      <code>{text}</code>
      <CopyButton text={text} label={t.list.copy} />
    </p>
  );
}
