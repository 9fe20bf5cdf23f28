/** A key of the hub: it comes in the address's fragment, which no server sees, or from a form; it stays in this tab. */

import { root } from "./root";

/** Of this hub: there may be others on the same site. */
const place = () => `hub key ${root()}`;

let key: string | undefined;

/** The key of the address, which is taken out of it, or the one this tab has kept. */
export function findKey(): string | undefined {
  if (!takeKey()) key = kept();
  return key;
}

/** Takes the key out of the address, if one is there; returns whether there was. */
export function takeKey(): boolean {
  const parts = location.hash.slice(1).split("&");
  const given = parts.find((part) => /^key=./.test(part))?.slice(4);
  if (given === undefined) return false;
  const others = parts.filter((part) => !part.startsWith("key=")).join("&");
  history.replaceState(null, "", location.pathname + (others && `#${others}`));
  keepKey(decoded(given));
  return true;
}

/** What `auth` of a connection has to carry: the key, if there is one. */
export function keyOf(): { key?: string } {
  return key === undefined ? {} : { key };
}

/** What a request to the hub has to carry: the key, if there is one. */
export function authorization(): Record<string, string> {
  return key === undefined ? {} : bearing(key);
}

/** The header with a key; what no key has, and no header may have, is left out, so that the hub can refuse the rest. */
export function bearing(key: string): { Authorization: string } {
  return { Authorization: `Bearer ${key.replace(/[^!-~]/g, "?")}` };
}

export function hasKey(): boolean {
  return key !== undefined;
}

export function keepKey(found: string): void {
  key = found;
  try {
    sessionStorage.setItem(place(), found);
  } catch {
    // Where nothing may be kept, it holds until the page is left.
  }
}

/** Opens the page anew with the key that is known; where nothing may be kept, the address takes it along. */
export function startAnew(): void {
  if (key !== undefined && kept() !== key) {
    const others = location.hash.slice(1);
    history.replaceState(null, "", `#${others && `${others}&`}key=${encodeURIComponent(key)}`);
  }
  location.reload();
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
