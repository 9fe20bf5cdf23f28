/** Marks what a search has found in the rows that are drawn, by highlights of the browser's: the rows stay as they are. */

import type { LogDocument } from "../log/document";
import type { LogView } from "../view/log_view";
import type { Hits } from "./hits";

const NAMES = ["found", "current"] as const;

/** Marks all of the line that begins at an offset, if it is drawn. */
export function highlightLine(view: LogView, log: LogDocument, at: number): void {
  if (!CSS.highlights) return;
  const line = new Highlight();
  for (const [index, row] of view.rows.entries()) {
    if (log.offsetOf(index) !== at) continue;
    const range = document.createRange();
    range.selectNodeContents(row.text);
    line.add(range);
  }
  CSS.highlights.set("line", line);
}

/** `current` is the offset of the line that the reader was led to. */
export function highlight(view: LogView, log: LogDocument, hits: Hits, current: number | undefined): void {
  if (!CSS.highlights) return;
  const ranges: Record<(typeof NAMES)[number], Range[]> = { found: [], current: [] };
  for (const [index, row] of view.rows.entries()) {
    const hit = hits.of(log.offsetOf(index));
    if (hit) ranges[hit.at === current ? "current" : "found"].push(...rangesOf(row.text, hit.matches));
  }
  for (const name of NAMES) CSS.highlights.set(name, new Highlight(...ranges[name]));
}

export function clearHighlights(): void {
  for (const name of NAMES) CSS.highlights?.delete(name);
}

/** Where each text stands in an element, one behind the other. */
export function rangesOf(element: Node, texts: readonly string[]): Range[] {
  const content = element.textContent ?? "";
  const ranges: Range[] = [];
  let from = 0;
  for (const text of texts) {
    const start = content.indexOf(text, from);
    if (start < 0) break;
    from = start + text.length;
    ranges.push(rangeOf(element, start, from));
  }
  return ranges;
}

function rangeOf(element: Node, start: number, end: number): Range {
  const range = document.createRange();
  const nodes = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  let before = 0;
  for (let node = nodes.nextNode() as Text | null; node && before < end; node = nodes.nextNode() as Text | null) {
    const { length } = node;
    if (start >= before && start < before + length) range.setStart(node, start - before);
    if (end <= before + length) range.setEnd(node, end - before);
    before += length;
  }
  return range;
}
