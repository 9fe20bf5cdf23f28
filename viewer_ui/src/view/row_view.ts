/** Draws one row of the log: its number, its time and its text. */

import type { Row } from "../log/document";
import type { Heading } from "../log/rows";
import { t } from "../messages";
import { sharedFragment } from "../reading/place";
import { exactly, missingHere } from "../words";
import { HeadingView } from "./heading_view";
import { appendStyled } from "./styled";

/** What the reader has chosen to see of a row, beside what it is. */
export interface Look {
  /** In seconds since the run's start, for what is still going on. */
  now: number;
  time: string;
  /** A link leads here. */
  linked: boolean;
  /** Words of the line that is drawn above it, if there is one. */
  above: string;
}

/** What a reader does to a row. */
export interface Acts {
  /** Folds or unfolds the group that the row is the heading of. */
  toggle(): void;
  /** Shows more of a line that is long. */
  open(): void;
}

export class RowView {
  readonly element = part("div", "row");
  /** The part that is the job's, or says what stands there instead. */
  text = part("span", "text");
  #number = part("a", "number") as HTMLAnchorElement;
  #time = part("span", "time");
  #row: Row | undefined;
  #look: Look | undefined;
  #heading: HeadingView | undefined;

  constructor(private acts: Acts) {
    this.#number.tabIndex = -1;
    this.#number.ariaHidden = "true";
    this.element.append(this.#number, this.#time, this.text);
  }

  update(row: Row, look: Look): void {
    const [shown, looked] = [this.#row, this.#look];
    this.#row = row;
    this.#look = look;
    if (!shown || !looked || !sameNumber(shown, row) || !sameLook(looked, look)) this.#dress(row, look);
    if (row.group) this.#showHeading(row.group, look.now);
    else if (!shown || shown.group || !sameContent(shown, row)) this.#show(this.#content(row));
  }

  /** A heading stays the element that has the focus. */
  #showHeading(heading: Heading, now: number): void {
    this.#heading ??= new HeadingView(this.acts.toggle);
    if (this.#heading.element !== this.text) this.#show(this.#heading.element);
    this.#heading.update(heading, now);
  }

  #show(text: HTMLElement): void {
    this.text.replaceWith(text);
    this.text = text;
  }

  #dress(row: Row, { time, linked, above }: Look): void {
    const said = row.level && `said ${row.level}`;
    const classes = [
      "row",
      row.kind,
      row.about && "about",
      said,
      row.fd === 2 && "stderr",
      linked && "linked",
      above && "since",
    ];
    this.element.className = classes.filter(Boolean).join(" ");
    this.element.dataset.n = this.#number.dataset.n = row.number ? String(row.number) : "";
    this.element.dataset.above = above;
    this.#time.dataset.t = time;
    // A number that is not certain yet leads nowhere.
    if (row.number && !row.about) this.#number.href = linkTo(row.number);
    else this.#number.removeAttribute("href");
  }

  #content(row: Row): HTMLElement {
    const text = part("span", "text");
    if (row.kind === "gap" || row.kind === "hole") text.append(missingHere(row.kind, row.bytes));
    else if (row.kind === "silence") text.append(t.reading.silent(exactly(row.seconds)));
    else if (row.kind === "loading") text.append(t.log.loading);
    else appendStyled(text, row);
    if (row.more) text.append(this.#more(row.more));
    return text;
  }

  #more(characters: number): HTMLElement {
    const more = part("button", "more");
    more.append(t.count.moreCharacters(characters));
    more.addEventListener("click", this.acts.open);
    return more;
  }
}

/** With the key of an encrypted run, as it may be opened elsewhere. */
function linkTo(line: number): string {
  return sharedFragment(location.hash, { first: line, last: line });
}

function part(tag: string, className: string): HTMLElement {
  const element = document.createElement(tag);
  element.className = className;
  return element;
}

function sameNumber(a: Row, b: Row): boolean {
  return a.number === b.number && a.about === b.about && a.kind === b.kind && a.level === b.level && a.fd === b.fd;
}

function sameLook(a: Look, b: Look): boolean {
  return a.time === b.time && a.linked === b.linked && a.above === b.above;
}

function sameContent(a: Row, b: Row): boolean {
  if (a.kind !== b.kind || a.text !== b.text || a.more !== b.more || a.bytes !== b.bytes || a.seconds !== b.seconds)
    return false;
  if (a.styles !== b.styles && a.runs.length) return false;
  return a.runs.length === b.runs.length && a.runs.every((n, i) => n === b.runs[i]);
}
