/** Copies what is selected of the log: the job's text alone, also of lines that are not drawn or not here yet. */

import { useLayoutEffect } from "preact/hooks";
import type { LogDocument } from "../log/document";
import { t } from "../messages";
import { size } from "../words";
import type { LogSelection, Span } from "./selection";
import { say } from "./toast";

/** The most rows that are put together while the browser waits. */
const AT_ONCE = 5000;

/** The most that is copied, in bytes: what `LogDocument.text` gives. */
const MOST = 20_000_000;

const EVERYTHING = Number.MAX_SAFE_INTEGER / 4;

export function useCopying(selection: LogSelection | undefined, log: LogDocument): void {
  useLayoutEffect(() => {
    if (!selection) return;
    const copying = new Copying(log);
    const copy = (event: ClipboardEvent) => {
      const span = selection.span;
      if (span) copying.copy(span, event);
    };
    document.addEventListener("copy", copy);
    return () => document.removeEventListener("copy", copy);
  }, [selection, log]);
}

export class Copying {
  /** What had to be read first, for the next time it is asked for. */
  #ready: { span: Span; text: string } | undefined;

  constructor(private log: LogDocument) {}

  copy(span: Span, event: ClipboardEvent): void {
    event.preventDefault();
    const ready = this.#ready && same(this.#ready.span, span) ? this.#ready.text : undefined;
    const text = ready ?? textNow(this.log, span);
    if (text === undefined) void this.#copyLater(span);
    else event.clipboardData?.setData("text/plain", text);
    if (ready !== undefined) say(t.reading.copied);
  }

  async #copyLater(span: Span): Promise<void> {
    const bytes = bytesOf(this.log, span);
    if (bytes > MOST) return say(t.reading.tooLarge(size(bytes), size(MOST)));
    say(t.reading.collecting);
    const text = textOf(this.log, span);
    try {
      await navigator.clipboard.write([new ClipboardItem({ "text/plain": text })]);
      say(t.reading.copied);
    } catch {
      await this.#keep(span, text);
    }
  }

  /** Without HTTPS nothing can be put there later than the key. */
  async #keep(span: Span, text: Promise<string>): Promise<void> {
    try {
      this.#ready = { span, text: await text };
      say(t.reading.copyAgain);
    } catch {
      say(t.reading.notRead);
    }
  }
}

/** The text of a span whose rows are few and here. */
function textNow(log: LogDocument, { from, to }: Span): string | undefined {
  if (to.row - from.row >= AT_ONCE) return undefined;
  const lines: string[] = [];
  for (let index = from.row; index <= to.row; index++) {
    const { kind, text } = log.row(index, EVERYTHING);
    if (kind === "loading") return undefined;
    if (!OURS.has(kind)) lines.push(cut(text, index, { from, to }));
  }
  return lines.join("\n");
}

/** The rows that say something of ours, which nobody printed. */
const OURS = new Set(["gap", "hole", "note", "silence"]);

async function textOf(log: LogDocument, { from, to }: Span): Promise<string> {
  const text = await log.text(from.row, to.row + 1);
  const last = text.lastIndexOf("\n") + 1;
  return text.slice(Math.min(from.column, text.length), Math.min(text.length, last + to.column));
}

function cut(text: string, index: number, { from, to }: Span): string {
  return text.slice(index === from.row ? from.column : 0, index === to.row ? to.column : undefined);
}

function bytesOf(log: LogDocument, { from, to }: Span): number {
  const begin = log.offsetOf(from.row) ?? 0;
  return Math.max(0, (to.row >= log.count - 1 ? log.end : (log.offsetOf(to.row) ?? log.end)) - begin);
}

function same(a: Span, b: Span): boolean {
  return (
    a.from.row === b.from.row && a.from.column === b.from.column && a.to.row === b.to.row && a.to.column === b.to.column
  );
}
