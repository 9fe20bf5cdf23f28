/** What a terminal sends when this is typed, and Enter after each line; undefined where it is too much for one request. Pure. */

import { INPUT_BYTES } from "../protocol";

export function typed(text: string): string | undefined {
  const data = `${text.replace(/\n$/, "").replaceAll("\n", "\r")}\r`;
  return new TextEncoder().encode(data).length <= INPUT_BYTES ? data : undefined;
}
