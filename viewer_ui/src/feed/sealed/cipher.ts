/**
 * Decrypts with the key of an end-to-end encrypted run, which the fragment of its link holds and no hub ever gets.
 *
 * The browser does it, but offers that to pages of https and of this machine alone: elsewhere an audited library does.
 */

/** Opens nonce, ciphertext and tag with what is associated; rejects where that is not what was encrypted. */
export type Open = (sealed: Bytes, associated: Bytes) => Promise<Bytes>;

export type Bytes = Uint8Array<ArrayBuffer>;

export interface Openers {
  output: Open;
  events: Open;
  meta: Open;
}

const NONCE = 12;
/** What follows it belongs to the sentence or the brackets that the link stood in. */
const KEY = /^[\w-]{43}(?![\w-])/;

/** The key in a fragment, among whatever else it says. */
export function keyIn(fragment: string): string | undefined {
  const part = fragment.replace(/^#/, "").split("&");
  const key = part.find((each) => each.startsWith("e2e="))?.slice(4);
  return KEY.exec(key ?? "")?.[0];
}

export async function openersFor(key: string): Promise<Openers> {
  const binary = atob(key.replaceAll("-", "+").replaceAll("_", "/"));
  const secret = Uint8Array.from(binary, (character) => character.charCodeAt(0));
  const opener = crypto.subtle ? byBrowser : byLibrary;
  const [output, events, meta] = await Promise.all(["output", "events", "meta"].map((what) => opener(secret, what)));
  return { output, events, meta } as Openers;
}

function infoOf(what: string): Bytes {
  return new TextEncoder().encode(`progress-run e2e 1 ${what}`);
}

async function byBrowser(secret: Bytes, what: string): Promise<Open> {
  const master = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveKey"]);
  const hkdf = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: infoOf(what) };
  const key = await crypto.subtle.deriveKey(hkdf, master, { name: "AES-GCM", length: 256 }, false, ["decrypt"]);
  return async (sealed, additionalData) => {
    const algorithm = { name: "AES-GCM", iv: sealed.subarray(0, NONCE), additionalData };
    return new Uint8Array(await crypto.subtle.decrypt(algorithm, key, sealed.subarray(NONCE)));
  };
}

/** The same without the browser's help. */
export async function byLibrary(secret: Bytes, what: string): Promise<Open> {
  const [{ gcm }, { hkdf }, { sha256 }] = await Promise.all([
    import("@noble/ciphers/aes.js"),
    import("@noble/hashes/hkdf.js"),
    import("@noble/hashes/sha2.js"),
  ]);
  const key = hkdf(sha256, secret, undefined, infoOf(what), 32);
  return async (sealed, associated) =>
    new Uint8Array(gcm(key, sealed.subarray(0, NONCE), associated).decrypt(sealed.subarray(NONCE)));
}
