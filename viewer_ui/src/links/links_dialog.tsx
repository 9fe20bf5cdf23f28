/** Who may see the run, who does at the moment, and for how long; new links, and the end of those there are. */

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { CopyButton } from "../components/copy_button";
import { t } from "../messages";
import { LinkRow } from "./link_row";
import { NewLink } from "./new_link";
import { Order } from "./order";
import { useLinks } from "./use_links";
import "./links.css";

interface Props {
  /** The hub's clock minus ours, in seconds. */
  skew: number;
  onClose: () => void;
}

export function LinksDialog({ skew, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const title = useRef<HTMLHeadingElement>(null);
  const [order] = useState(() => new Order());
  useLayoutEffect(() => dialog.current?.showModal(), []);
  const { links, made, said, trouble, add, revoke } = useLinks();
  const end = async (id: string) => {
    const button = document.activeElement;
    const done = await revoke(id);
    // The button goes, and would take the focus out of the dialog.
    const left = [button, document.body].includes(document.activeElement);
    if (done && left) title.current?.focus({ preventScroll: true });
  };
  return (
    <dialog ref={dialog} class="links" onClose={onClose} aria-labelledby="links-title">
      <h2 id="links-title" tabIndex={-1} ref={title}>
        {t.links.title}
      </h2>
      <NewLink skew={skew} onAdd={add} />
      {made && (
        <p class="made">
          <span aria-hidden="true">{t.links.made}</span>
          <code>{made}</code>
          <CopyButton text={made} label={t.links.copy} />
        </p>
      )}
      <p class="unseen" role="status">
        {said}
      </p>
      <p class="warn" role="alert">
        {trouble}
      </p>
      <table>
        <thead>
          <tr>
            <th scope="col">{t.links.label}</th>
            <th scope="col">{t.links.allows}</th>
            <th scope="col">{t.links.watching}</th>
            <th scope="col">{t.links.until}</th>
            <th scope="col">
              <span class="unseen">{t.links.end}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {order.of(links, Date.now() / 1000 + skew).map((link) => (
            <LinkRow key={link.id} link={link} skew={skew} onRevoke={() => void end(link.id)} />
          ))}
        </tbody>
      </table>
      <form method="dialog">
        <button type="submit">{t.help.close}</button>
      </form>
    </dialog>
  );
}
