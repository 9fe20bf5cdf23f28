/** One link: what it allows, who is in by it, and its end. */

import { t } from "../messages";
import { atLeast, type ListedLink } from "../protocol";
import { hasEnded } from "./order";

interface Props {
  link: ListedLink;
  /** The hub's clock minus ours, in seconds. */
  skew: number;
  onRevoke: () => void;
}

export function LinkRow({ link, skew, onRevoke }: Props) {
  const ended = hasEnded(link, Date.now() / 1000 + skew);
  return (
    <tr class={ended ? "ended" : undefined}>
      <th scope="row">
        <bdi>{link.label}</bdi>
      </th>
      <td>{t.links.roles[link.role]}</td>
      <td class="watching" data-name={t.links.watching}>
        {t.format.whole(link.watching)}
      </td>
      <td class="until" data-name={t.links.until}>
        {endOf(link, ended, skew)}
      </td>
      <td>
        {!ended && !atLeast(link.role, "owner") && (
          <button type="button" onClick={onRevoke} aria-label={t.links.endOf(link.label)}>
            {t.links.end}
          </button>
        )}
      </td>
    </tr>
  );
}

function endOf({ revoked, expires }: ListedLink, ended: boolean, skew: number): string {
  if (ended) return revoked === null ? t.links.expired : t.links.revoked;
  return expires === null ? t.links.never : t.format.moment(expires - skew);
}
