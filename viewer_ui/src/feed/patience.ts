/** Asks again for what can't be had for now. */

import { Backoff } from "./backoff";

/** What `ask` comes to once it can be had; undefined when nobody wants it any more before that. */
export async function patiently<T>(ask: () => Promise<T>, wanted: () => boolean): Promise<T | undefined> {
  const backoff = new Backoff();
  while (wanted()) {
    try {
      return await ask();
    } catch {
      await backoff.wait();
    }
  }
  return undefined;
}
