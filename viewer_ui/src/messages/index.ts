/**
 * The page's words in the reader's language. `t` is English until `speak` has loaded another: read it while drawing, in
 * functions, never once for all when a module is loaded.
 */

import { en, type Messages } from "./en";

export type { Messages };

export let t: Messages = en;

const OTHERS: Record<string, () => Promise<Messages>> = {
  de: async () => (await import("./de")).de,
  zh: async () => (await import("./zh")).zh,
};

/** The first of the wanted languages that there are words in. */
export function chosen(wanted: readonly string[]): string {
  const languages = wanted.map((tag) => tag.toLowerCase().split("-")[0] ?? "");
  return languages.find((language) => language === "en" || Object.hasOwn(OTHERS, language)) ?? "en";
}

/** Speaks the language the reader's browser asks for; English where its words can't be loaded. */
export async function speak(wanted: readonly string[] = navigator.languages): Promise<void> {
  const language = chosen(wanted);
  t = (await OTHERS[language]?.().catch(() => en)) ?? en;
  if (typeof document !== "undefined") document.documentElement.lang = t.format.language;
}
