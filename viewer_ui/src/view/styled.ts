/** Styled text as nodes: text only ever as text nodes. */

import type { Style, StyledText, Styles } from "../log/styles";
import { dress } from "./dress";
import { appendInCells } from "./wide";

export function appendStyled(parent: HTMLElement, { text, runs, styles }: StyledText & { styles: Styles }): void {
  let from = 0;
  let style = 0;
  for (let i = 0; i <= runs.length; i += 2) {
    const to = Math.min(runs[i] ?? text.length, text.length);
    if (to > from) append(parent, text.slice(from, to), style ? styles.get(style) : undefined);
    from = to;
    style = runs[i + 1] ?? 0;
  }
}

function append(parent: HTMLElement, text: string, style: Style | undefined): void {
  const place = style ? document.createElement("span") : parent;
  appendInCells(place, text);
  if (style) dress(place, style);
  if (place !== parent) parent.append(place);
}
