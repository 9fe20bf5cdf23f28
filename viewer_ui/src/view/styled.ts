/** Styled text as nodes: text only ever as text nodes. */

import type { Style, StyledText, Styles } from "../log/styles";
import { dress } from "./dress";

export function appendStyled(parent: HTMLElement, { text, runs, styles }: StyledText & { styles: Styles }): void {
  let from = 0;
  let style = 0;
  for (let i = 0; i <= runs.length; i += 2) {
    const to = Math.min(runs[i] ?? text.length, text.length);
    if (to > from) parent.append(piece(text.slice(from, to), style ? styles.get(style) : undefined));
    from = to;
    style = runs[i + 1] ?? 0;
  }
}

function piece(text: string, style: Style | undefined): Node {
  if (!style) return document.createTextNode(text);
  const span = document.createElement("span");
  span.append(text);
  dress(span, style);
  return span;
}
