/** A link to a file of the run's; of a private run it is fetched with the key, which no link can carry. */

import type { ComponentChildren } from "preact";
import { authorization } from "../key";
import { t } from "../messages";
import { say } from "../reading/toast";
import { saveFile } from "./save_file";

interface Props {
  /** What comes behind the run's own address. */
  path: string;
  isPrivate: boolean;
  onClick?: () => void;
  children: ComponentChildren;
}

export function FileLink({ path, isPrivate, onClick, children }: Props) {
  const href = `${location.pathname}${path}?download=1`;
  const take = (event: MouseEvent) => {
    onClick?.();
    if (!isPrivate) return;
    event.preventDefault();
    save(href).catch(() => say(t.downloads.failed));
  };
  return (
    <a href={href} download onClick={take}>
      {children}
    </a>
  );
}

async function save(href: string): Promise<void> {
  const response = await fetch(href, { headers: authorization() });
  if (!response.ok) throw new Error(`${response.status}`);
  const name = /filename="?([^"]+)"?/.exec(response.headers.get("Content-Disposition") ?? "")?.[1] ?? "run";
  saveFile(await response.blob(), name);
}
