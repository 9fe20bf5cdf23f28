/** Who may see the run, who does at the moment, and for how long; new links, and the end of those there are. */

import { useLayoutEffect, useRef } from "preact/hooks";
import { CopyButton } from "../components/copy_button";
import { t } from "../messages";
import { hasEnded, LinkRow } from "./link_row";
import { NewLink } from "./new_link";
import { useLinks } from "./use_links";
import "./links.css";

export function LinksDialog({ onClose }: { onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => dialog.current?.showModal(), []);
  const { links, made, trouble, add, revoke } = useLinks();
  const inOrder = [...links].sort((a, b) => Number(hasEnded(a)) - Number(hasEnded(b)));
  return (
    <dialog ref={dialog} class="links" onClose={onClose} aria-labelledby="links-title">
      <h2 id="links-title">{t.links.title}</h2>
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
          {inOrder.map((link) => (
            <LinkRow key={link.id} link={link} onRevoke={() => void revoke(link.id)} />
          ))}
        </tbody>
      </table>
      <NewLink onAdd={add} />
      {made && (
        <p class="made">
          <span role="status">{t.links.made}</span>
          <code>{made}</code>
          <CopyButton text={made} label={t.links.copy} />
        </p>
      )}
      <p class="warn" role="alert">
        {trouble}
      </p>
      <form method="dialog">
        <button type="submit">{t.help.close}</button>
      </form>
    </dialog>
  );
}
