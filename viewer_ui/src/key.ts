/** A key of the hub: it comes in the address's fragment, which no server sees, or from a form; it stays in this tab. */

import { root } from "./root";

/** Of this hub: there may be others on the same site. */
const place = () => `hub key ${root()}`;

let key: string | undefined;

/** The key of the address, which is taken out of it, or the one this tab has kept. */
export function findKey(): string | undefined {
  const given = /^#key=(.+)$/.exec(location.hash)?.[1];
  if (given === undefined) {
    key = kept();
  } else {
    history.replaceState(null, "", location.pathname);
    keepKey(decoded(given));
  }
  return key;
}

/** What `auth` of a connection has to carry: the key, if there is one. */
export function keyOf(): { key?: string } {
  return key === undefined ? {} : { key };
}

/** What a request to the hub has to carry: the key, if there is one. */
export function authorization(): Record<string, string> {
  return key === undefined ? {} : { Authorization: `Bearer ${key}` };
}

export function keepKey(found: string): void {
  key = found;
  try {
    sessionStorage.setItem(place(), found);
  } catch {
    // Where nothing may be kept, it holds until the page is left.
  }
}

export function forgetKey(): void {
  key = undefined;
  try {
    sessionStorage.removeItem(place());
  } catch {
    // There is none.
  }
}

function kept(): string | undefined {
  try {
    return sessionStorage.getItem(place()) ?? undefined;
  } catch {
    return undefined;
  }
}

function decoded(given: string): string {
  try {
    return decodeURIComponent(given);
  } catch {
    return given;
  }
}
