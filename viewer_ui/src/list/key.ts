/** The owner's key: it comes in the address's fragment, which no server sees, and stays in this tab alone. */

const PLACE = "owner key";

/** The key of the address, which is taken out of it, or the one this tab has kept. */
export function findKey(): string | undefined {
  const given = /^#key=(.+)$/.exec(location.hash)?.[1];
  if (given === undefined) return kept();
  history.replaceState(null, "", location.pathname);
  keepKey(decoded(given));
  return decoded(given);
}

export function keepKey(key: string): void {
  try {
    sessionStorage.setItem(PLACE, key);
  } catch {
    // Where nothing may be kept, it holds until the page is left.
  }
}

export function forgetKey(): void {
  try {
    sessionStorage.removeItem(PLACE);
  } catch {
    // There is none.
  }
}

function kept(): string | undefined {
  try {
    return sessionStorage.getItem(PLACE) ?? undefined;
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
