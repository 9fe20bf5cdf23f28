/** Light, dark or with high contrast: as the system has it, or as the reader chose. CSS goes by `data-theme`. */

export const THEMES = ["auto", "light", "dark", "contrast"] as const;

export type Theme = (typeof THEMES)[number];

/** Where the reader's choice is kept, as `useStored` does. */
export const THEME_KEY = "theme";

const MORE = matchMedia("(prefers-contrast: more)");
const DARK = matchMedia("(prefers-color-scheme: dark)");

const listeners = new Set<() => void>();
let shown: Theme = "auto";

/** Shows the page as the reader chose on an earlier visit, and follows the system. */
export function startTheme(): void {
  for (const query of [MORE, DARK]) query.addEventListener("change", () => showTheme(shown));
  showTheme(kept());
}

export function showTheme(theme: Theme): void {
  shown = theme;
  document.documentElement.dataset.theme = theme === "auto" && MORE.matches ? "contrast" : theme;
  for (const listener of listeners) listener();
}

/** Calls `listener` after the colours have changed; returns what ends that. For what draws by itself. */
export function onColours(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** A colour of the page, by the name of its custom property, as one that a canvas understands. */
export function colourOf(element: HTMLElement, name: string): string {
  // A custom property isn't resolved; a colour that uses it is.
  element.style.color = `var(${name})`;
  const { color } = getComputedStyle(element);
  element.style.color = "";
  return color;
}

function kept(): Theme {
  try {
    const found = JSON.parse(localStorage.getItem(THEME_KEY) ?? "null");
    return THEMES.find((theme) => theme === found) ?? "auto";
  } catch {
    return "auto";
  }
}
