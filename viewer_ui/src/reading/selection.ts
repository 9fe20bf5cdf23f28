/**
 * What of the log is selected, as rows and columns, however little of it is drawn.
 *
 * The selection is the browser's own, so mouse, fingers and keys work as everywhere. The rows in which it begins and
 * ends stay in the page, out of sight, for as long as it lasts; what is between them is read from the document.
 */

import type { LogDocument } from "../log/document";
import type { LogView } from "../view/log_view";

/** A place between two characters. */
export interface Point {
  row: number;
  column: number;
}

export interface Span {
  from: Point;
  to: Point;
}

export class LogSelection {
  #changed = () => this.#hold();

  constructor(
    private view: LogView,
    private log: LogDocument,
  ) {
    document.addEventListener("selectionchange", this.#changed);
  }

  stop(): void {
    document.removeEventListener("selectionchange", this.#changed);
  }

  /** What is selected, undefined if that is nothing of the log. */
  get span(): Span | undefined {
    const selection = getSelection();
    if (!selection || selection.isCollapsed || !this.#begunHere(selection)) return undefined;
    const { anchorNode, anchorOffset, focusNode, focusOffset } = selection;
    if (!anchorNode || !focusNode) return undefined;
    const points = [this.#pointOf(anchorNode, anchorOffset), this.#pointOf(focusNode, focusOffset)];
    const [from, to] = points.sort((a, b) => a.row - b.row || a.column - b.column) as [Point, Point];
    return { from, to };
  }

  /** The numbers of the lines that are selected, as far as they are known. */
  get lines(): { first: number; last: number } | undefined {
    const { span } = this;
    if (!span) return undefined;
    const [first, last] = [this.log.row(span.from.row, 0), this.log.row(span.to.row, 0)];
    const known = first.number && last.number && !first.about && !last.about;
    return known ? { first: first.number, last: last.number } : undefined;
  }

  /** Selects the whole log: its element, so that rows which come into sight are selected too. */
  all(): void {
    const { scroller } = this.view;
    getSelection()?.setBaseAndExtent(scroller, 0, scroller, scroller.childNodes.length);
  }

  /** What is selected doesn't move away, and its ends are not taken out of the page. */
  #hold(): void {
    const span = this.span;
    this.view.rows.pin(span ? [span.from.row, span.to.row] : []);
    if (span) this.view.letGo();
  }

  #begunHere({ anchorNode }: Selection): boolean {
    return this.view.scroller.contains(anchorNode);
  }

  #pointOf(node: Node, offset: number): Point {
    const { rows, scroller } = this.view;
    const row = rows.indexOf(node);
    if (row !== undefined) return { row, column: columnOf(rows.at(row)?.text, node, offset) };
    if (node === scroller) return offset ? this.#end : { row: 0, column: 0 };
    if (node !== rows.element) return this.#outside(node);
    const child = rows.element.childNodes[offset];
    return child ? { row: rows.indexOf(child) ?? 0, column: 0 } : this.#end;
  }

  /** The pointer has left the log: above it, or below. */
  #outside(node: Node): Point {
    const before = this.view.scroller.compareDocumentPosition(node) & Node.DOCUMENT_POSITION_PRECEDING;
    return before ? { row: this.view.top, column: 0 } : this.#end;
  }

  get #end(): Point {
    return { row: Math.max(0, this.log.count - 1), column: Number.POSITIVE_INFINITY };
  }
}

/** How many characters of a row's text come before a place in its element. */
function columnOf(text: HTMLElement | undefined, node: Node, offset: number): number {
  if (!text) return 0;
  const before = document.createRange();
  before.selectNodeContents(text);
  const where = before.comparePoint(node, offset);
  if (where < 0) return 0;
  if (where > 0) return Number.POSITIVE_INFINITY;
  before.setEnd(node, offset);
  return before.toString().length;
}
