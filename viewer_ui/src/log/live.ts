/** The end of a log, which grows: when it is large, what can't change any more is cut off as a part. */

import { Hole, type Stretch } from "./hole";
import { belongs, type Mark, type Marks } from "./marks";
import { Part } from "./part";
import { screenful } from "./segments";
import { tame } from "./tame";
import { TerminalLog } from "./terminal_log";

const NEWLINE = 10;

/** It is looked whether it can be cut each time so much has come. */
const SLICE = 64 * 1024;

export class Live {
  log: TerminalLog;
  /** What follows where the log was settled and may be cut, and how many rows come before. */
  #next: { log: TerminalLog; rows: number } | undefined;

  /** Before `start` are so many newlines; `style` is in force there. It is cut when it is larger than `large`. */
  constructor(
    private marks: Marks,
    start: number,
    public line: number,
    style: string,
    private large: number,
    private cutOff: (part: Part) => void,
  ) {
    this.log = this.#logFrom(start, style);
  }

  async append(at: number, data: Stretch): Promise<void> {
    if (data instanceof Hole) {
      this.#next = undefined;
      return this.log.append(at, data);
    }
    while (this.log.end < at + data.length) {
      const begin = Math.max(at, this.log.end);
      const piece = this.#piece(data.subarray(begin - at));
      await this.log.append(begin, piece);
      if (this.#next) await this.#goOn(begin, piece);
      else if (this.#large && this.log.settled) this.#next = { log: this.#logFrom(this.log.end), rows: this.log.count };
    }
  }

  /** False when it comes too late. */
  mark(mark: Mark): boolean {
    const { log } = this.#next ?? {};
    if (log && belongs(mark, log.start, Number.POSITIVE_INFINITY)) log.mark(mark);
    else this.#next = undefined;
    return this.log.mark(mark);
  }

  get #large(): boolean {
    return this.log.end - this.log.start > this.large;
  }

  /** Up to the end of a line where it may be cut. */
  #piece(data: Uint8Array): Uint8Array {
    const piece = data.subarray(0, SLICE);
    const end = this.#large ? piece.lastIndexOf(NEWLINE) + 1 : 0;
    return end ? piece.subarray(0, end) : piece;
  }

  /** When enough plain lines have come that everything before has left the screen, the log is cut before them. */
  async #goOn(at: number, piece: Uint8Array): Promise<void> {
    const next = this.#next;
    if (!next) return;
    if (!tame(piece, this.marks.layoutAt(at).convertEol)) {
      this.#next = undefined;
      return;
    }
    await next.log.append(at, piece);
    if (next !== this.#next || next.log.newlines <= screenful(this.marks.layoutAt(at))) return;
    this.#cut(next.log, next.rows);
  }

  #cut(next: TerminalLog, rows: number): void {
    const { log, line } = this;
    const lines = log.newlines - next.newlines;
    const planned = { at: log.start, to: next.start, line, lines, style: "" };
    this.#next = undefined;
    this.log = next;
    this.line = line + lines;
    this.cutOff(Part.of(log, planned, rows, this.marks));
  }

  #logFrom(start: number, style = ""): TerminalLog {
    const log = new TerminalLog(start, this.marks.layoutAt(start), style);
    for (const mark of this.marks.of(start, Number.POSITIVE_INFINITY)) log.mark(mark);
    return log;
  }
}
