/** Which runs match what was typed. Pure. */

import type { ListedRun } from "../protocol";

/** Those in which every word is found: in name, host, user, state, or a tag as `name=value`. */
export function matching(runs: ListedRun[], typed: string, stateWord: (run: ListedRun) => string): ListedRun[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return runs;
  return runs.filter((run) => {
    const texts = textsOf(run, stateWord(run));
    return words.every((word) => texts.some((text) => text.includes(word)));
  });
}

/** The state is found in English, as programs name it, and as the reader does. */
function textsOf({ name, host, user, state, tags }: ListedRun, stateWord: string): string[] {
  const tagged = Object.entries(tags).map(([tag, value]) => `${tag}=${value}`);
  return [name, `${user}@${host}`, state, stateWord, ...tagged].map((text) => text.toLowerCase());
}
