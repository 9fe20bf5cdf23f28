/** Draws one row of the log: text only ever as text nodes, looks as classes and CSSOM colours. */

import type { Row } from "../log/document";
import type { Heading } from "../log/shown_log";
import type { Style } from "../log/styles";
import { t } from "../messages";
import { missingHere } from "../words";
import { dress } from "./dress";
import { HeadingView } from "./heading_view";

/** The most characters drawn of a line; how many more there are is said. */
export const LINE_LIMIT = 4096;

export class RowView {
  readonly element = document.createElement("div");
  #row: Row | undefined;
  #heading: HeadingView | undefined;

  /** `toggle` is called when the reader folds or unfolds the group that this row is the heading of. */
  constructor(private toggle: () => void) {}

  /** `now` is in seconds since the run's start. */
  update(row: Row, now: number): void {
    const shown = this.#row;
    this.#row = row;
    if (!shown || !sameNumber(shown, row)) this.#number(row);
    if (row.group) this.#showHeading(row.group, now);
    else if (!shown || shown.group || !sameContent(shown, row)) this.#content(row);
  }

  /** A heading stays the element that has the focus. */
  #showHeading(heading: Heading, now: number): void {
    this.#heading ??= new HeadingView(this.toggle);
    if (this.#heading.element.parentNode !== this.element) this.element.replaceChildren(this.#heading.element);
    this.#heading.update(heading, now);
  }

  #number(row: Row): void {
    const classes = ["row", row.kind, row.about && "about", row.level && `said ${row.level}`];
    this.element.className = classes.filter(Boolean).join(" ");
    this.element.dataset.n = row.number ? String(row.number) : "";
  }

  #content(row: Row): void {
    const text = document.createElement("span");
    text.className = "text";
    if (row.kind === "gap" || row.kind === "hole") text.append(missingHere(row.kind, row.bytes));
    else if (row.kind === "loading") text.append(t.log.loading);
    else appendStyled(text, row);
    if (row.more) text.append(more(t.count.moreCharacters(row.more)));
    this.element.replaceChildren(text);
  }
}

function more(words: string): HTMLElement {
  const more = document.createElement("span");
  more.className = "more";
  more.append(words);
  return more;
}

function appendStyled(parent: HTMLElement, { text, runs, styles }: Row): void {
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

function sameNumber(a: Row, b: Row): boolean {
  return a.number === b.number && a.about === b.about && a.kind === b.kind && a.level === b.level;
}

function sameContent(a: Row, b: Row): boolean {
  if (a.kind !== b.kind || a.text !== b.text || a.more !== b.more || a.bytes !== b.bytes) return false;
  if (a.styles !== b.styles && a.runs.length) return false;
  return a.runs.length === b.runs.length && a.runs.every((n, i) => n === b.runs[i]);
}
