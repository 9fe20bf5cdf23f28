/** The run's links as they are, asked for again while they are looked at. */

import { useEffect, useState } from "preact/hooks";
import { t } from "../messages";
import type { ListedLink, Role } from "../protocol";
import { addLink, listLinks, Refused, revokeLink } from "./run_links";

/** How often to ask who watches, in ms. */
const LOOK = 3000;

export function useLinks() {
  const [links, setLinks] = useState<ListedLink[]>([]);
  const [made, setMade] = useState<string | undefined>(undefined);
  const [trouble, setTrouble] = useState("");
  const attempt = async (act: () => Promise<void>) => {
    try {
      await act();
      setLinks(await listLinks());
      setTrouble("");
    } catch (error) {
      setTrouble(error instanceof Refused ? error.message : t.links.unreachable);
    }
  };
  useEffect(() => {
    const look = () => void attempt(async () => {});
    look();
    const timer = setInterval(look, LOOK);
    return () => clearInterval(timer);
  }, []);
  const add = (role: Role, label: string, expires: number | null) =>
    attempt(async () => {
      const token = await addLink(role, label, expires);
      setMade(new URL(token, location.href).href);
    });
  return { links, made, trouble, add, revoke: (id: string) => attempt(() => revokeLink(id)) };
}
