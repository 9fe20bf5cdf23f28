/** Light, dark or with high contrast: as the system has it, or as the reader chose. CSS goes by `data-theme`. */

export const THEMES = ["auto", "light", "dark", "contrast"] as const;

export type Theme = (typeof THEMES)[number];

const KEY = "theme";
const MORE = matchMedia("(prefers-contrast: more)");
const DARK = matchMedia("(prefers-color-scheme: dark)");

const listeners = new Set<() => void>();

/** What the reader chose, as far as this browser remembers it. */
export function chosenTheme(): Theme {
  const chosen = stored();
  return THEMES.find((theme) => theme === chosen) ?? "auto";
}

export function chooseTheme(theme: Theme): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(theme));
  } catch {
    // Where nothing may be kept, it holds for this visit.
  }
  show(theme);
}

/** Shows the page in the chosen theme, and follows the system. */
export function startTheme(): void {
  const follow = () => show(chosenTheme());
  for (const query of [MORE, DARK]) query.addEventListener("change", follow);
  follow();
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

function show(theme: Theme): void {
  document.documentElement.dataset.theme = theme === "auto" && MORE.matches ? "contrast" : theme;
  for (const listener of listeners) listener();
}

function stored(): unknown {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "null");
  } catch {
    return null;
  }
}
