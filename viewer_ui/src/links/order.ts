/** In which order links are shown: those that had ended when they were first seen come last. Pure but for what it has seen. */

import type { ListedLink } from "../protocol";

export class Order {
  #last = new Map<string, boolean>();

  /** What ends while it is looked at stays in its place: a second click must not meet another link's button. */
  of(links: ListedLink[], now: number): ListedLink[] {
    for (const link of links) if (!this.#last.has(link.id)) this.#last.set(link.id, hasEnded(link, now));
    const place = ({ id }: ListedLink) => Number(this.#last.get(id));
    return [...links].sort((a, b) => place(a) - place(b));
  }
}

/** `now` is the hub's time, in Unix seconds. */
export function hasEnded({ revoked, expires }: ListedLink, now: number): boolean {
  return revoked !== null || (expires !== null && expires <= now);
}
