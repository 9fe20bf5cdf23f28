/** Draws the heading of a group: a button that folds it, with how long it took and how it went. */

import type { Heading } from "../log/rows";
import { t } from "../messages";
import { clock } from "../words";

export class HeadingView {
  readonly element = document.createElement("span");
  #button = part("button", "fold");
  #sign = part("span", "sign");
  #name = part("bdi", "name");
  #facts = part("span", "facts");

  constructor(toggle: () => void) {
    this.element.className = "text";
    this.#sign.setAttribute("aria-hidden", "true");
    this.#button.append(this.#sign, this.#name, this.#facts);
    this.#button.addEventListener("click", toggle);
    this.element.append(this.#button);
  }

  /** `now` is in seconds since the run's start. */
  update({ group, hidden }: Heading, now: number): void {
    const took = clock(Math.max(0, (group.to ?? now) - group.from));
    const away = hidden === undefined ? "" : ` · ${t.count.rows(hidden)}`;
    say(this.#sign, hidden === undefined ? "▾" : "▸");
    say(this.#name, group.name || t.log.unnamed);
    say(this.#facts, `${stateWords(group.state)}${took}${away}`);
    this.#button.setAttribute("aria-expanded", String(hidden === undefined));
    this.#button.className = `fold ${group.state}`;
    this.#button.style.setProperty("--depth", String(Math.min(group.depth, DEEPEST)));
  }
}

function stateWords(state: Heading["group"]["state"]): string {
  return { running: "", done: "✓ ", failed: `✗ ${t.log.failed} · ` }[state];
}

/** Deeper than this nothing is indented further. */
const DEEPEST = 8;

function part(tag: string, className: string): HTMLElement {
  const element = document.createElement(tag);
  element.className = className;
  return element;
}

function say(element: HTMLElement, words: string): void {
  if (element.textContent !== words) element.textContent = words;
}
