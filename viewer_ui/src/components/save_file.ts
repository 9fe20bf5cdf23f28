/** Has the browser keep what the page holds as a file. */

/** When it is let go, in ms: the browser has begun to keep it by then. */
const REVOKED = 60_000;

export function saveFile(content: Blob, name: string): void {
  const url = URL.createObjectURL(content);
  Object.assign(document.createElement("a"), { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), REVOKED);
}
