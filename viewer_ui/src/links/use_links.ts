/** The run's links as they are, asked for again while they are looked at. */

import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../messages";
import type { ListedLink, Role } from "../protocol";
import { sharedFragment } from "../reading/place";
import { addLink, listLinks, Refused, revokeLink } from "./run_links";
import { Turns } from "./turns";

/** How often to ask who watches, in ms. */
const LOOK = 3000;

export function useLinks() {
  const [links, setLinks] = useState<ListedLink[]>([]);
  const [made, setMade] = useState<string | undefined>(undefined);
  const [said, setSaid] = useState("");
  /** Why the links can't be listed, and why the last thing asked for was not done. */
  const [unlisted, setUnlisted] = useState("");
  const [undone, setUndone] = useState("");
  const [turns] = useState(() => new Turns());
  const ending = useRef(new Set<string>());
  const look = async () => {
    const isNews = turns.begin();
    const found = await listLinks().then(
      (listed) => ({ listed, why: "" }),
      (error) => ({ listed: undefined, why: wordsOf(error) }),
    );
    // An answer that was overtaken is older than what is shown.
    if (!isNews()) return;
    setUnlisted(found.why);
    if (found.listed) setLinks(found.listed);
  };
  const attempt = async (act: () => Promise<void>): Promise<boolean> => {
    const why = await act().then(() => "", wordsOf);
    setUndone(why);
    await look();
    return !why;
  };
  useEffect(() => {
    void look();
    const timer = setInterval(look, LOOK);
    return () => clearInterval(timer);
  }, []);
  const add = (role: Role, label: string, expires: number | null) =>
    attempt(async () => {
      const token = await addLink(role, label, expires);
      setMade(new URL(token + sharedFragment(location.hash), location.href).href);
      setSaid(t.links.made);
    });
  const revoke = async (id: string): Promise<boolean> => {
    if (ending.current.has(id)) return false;
    ending.current.add(id);
    const done = await attempt(() => revokeLink(id));
    ending.current.delete(id);
    if (done) setSaid(t.links.revoked);
    return done;
  };
  return { links, made, said, trouble: undone || unlisted, add, revoke };
}

function wordsOf(error: unknown): string {
  return error instanceof Refused ? error.message : t.links.unreachable;
}
