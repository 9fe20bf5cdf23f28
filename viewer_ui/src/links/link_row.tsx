/** One link: what it allows, who is in by it, and its end. */

import { t } from "../messages";
import { atLeast, type ListedLink } from "../protocol";

interface Props {
  link: ListedLink;
  onRevoke: () => void;
}

export function LinkRow({ link, onRevoke }: Props) {
  const ended = hasEnded(link);
  return (
    <tr class={ended ? "ended" : undefined}>
      <th scope="row">
        <bdi>{link.label}</bdi>
      </th>
      <td>{t.links.roles[link.role]}</td>
      <td class="figure">{t.format.whole(link.watching)}</td>
      <td>{endOf(link)}</td>
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

export function hasEnded({ revoked, expires }: ListedLink): boolean {
  return revoked !== null || (expires !== null && expires * 1000 <= Date.now());
}

function endOf(link: ListedLink): string {
  if (link.revoked !== null) return t.links.revoked;
  if (hasEnded(link)) return t.links.expired;
  return link.expires === null ? t.links.never : t.format.moment(link.expires);
}
