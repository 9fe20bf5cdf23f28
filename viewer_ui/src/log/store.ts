/** Keeps the final lines of a log compactly: UTF-8 bytes and style runs in blocks of 1024 lines, no object per line. */

import { bytes, Growing, words } from "./growing";
import type { StyledText } from "./styles";

const LINES = 1024;
const NEWLINE = 10;
const RETURN = 13;
const TAB = 9;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** A line as far as it is asked for, and how many characters follow. */
export interface StoredLine extends StyledText {
  more: number;
}

/** Up to 1024 lines: `ends[i]` is where line i's bytes end, its newline included, `runEnds[i]` where its runs do. */
class Block {
  text = new Growing(bytes);
  ends = new Growing(words);
  runs = new Growing(words, words(0));
  runEnds: Growing<Uint32Array> | undefined;

  get full(): boolean {
    return this.ends.length === LINES;
  }

  appendText(text: string): void {
    const { written } = encoder.encodeInto(text, this.text.reserve(text.length * 3).subarray(this.text.length));
    this.text.length += written;
  }

  appendBytes(data: Uint8Array): void {
    this.text.reserve(data.length).set(data, this.text.length);
    this.text.length += data.length;
  }

  appendRuns(runs: number[], shift: number): void {
    for (let i = 0; i < runs.length; i += 2) {
      this.runs.push((runs[i] ?? 0) + shift);
      this.runs.push(runs[i + 1] ?? 0);
    }
  }

  endLine(): void {
    if (this.runs.length && !this.runEnds) {
      this.runEnds = new Growing(words);
      for (let i = 0; i < this.ends.length; i++) this.runEnds.push(0);
    }
    this.ends.push(this.text.length);
    this.runEnds?.push(this.runs.length);
  }

  seal(): void {
    this.text.trim();
    this.ends.trim();
    this.runs.trim();
    this.runEnds?.trim();
  }

  lineBytes(i: number): Uint8Array {
    const from = i ? (this.ends.array[i - 1] ?? 0) : 0;
    let to = i < this.ends.length ? (this.ends.array[i] ?? from) : this.text.length;
    if (to > from && this.text.array[to - 1] === NEWLINE) to--;
    while (to > from && this.text.array[to - 1] === RETURN) to--;
    while (to > from && this.text.array[to - 1] === TAB) to--;
    return this.text.array.subarray(from, to);
  }

  lineRuns(i: number): number[] {
    const from = i && this.runEnds ? (this.runEnds.array[i - 1] ?? 0) : 0;
    const to = i < this.ends.length ? (this.runEnds?.array[i] ?? 0) : this.runs.length;
    return Array.from(this.runs.array.subarray(from, to));
  }
}

export class LineStore {
  /** How many lines have ended. */
  count = 0;
  #blocks: Block[] = [new Block()];
  #openLength = 0;

  /** Whether a line has begun and not ended: one that wraps from the history into the screen. */
  get open(): boolean {
    return this.#openLength > 0;
  }

  /** More of the line that is open, or of a new one. */
  append(part: StyledText): void {
    const block = this.#last();
    block.appendText(part.text);
    if (part.runs.length || block.runs.length) this.#appendRuns(block, part.runs);
    this.#openLength += part.text.length;
  }

  end(): void {
    const block = this.#last();
    block.appendBytes(END);
    this.#ended(block);
  }

  /** Complete plain lines as the job wrote them, each ended by its newline. */
  appendLines(data: Uint8Array): void {
    let at = 0;
    while (at < data.length) at = this.#fill(data, at);
  }

  /** The line at `index` up to `limit` characters; `index === count` is the open line. */
  read(index: number, limit: number): StoredLine {
    const block = this.#blocks[Math.floor(index / LINES)];
    if (!block) return { text: "", runs: [], more: 0 };
    const data = block.lineBytes(index % LINES);
    const text = expandTabs(decoder.decode(data.subarray(0, limit * 3))).slice(0, limit);
    const more = data.length > limit ? Math.max(0, utf16Length(data) - limit) : 0;
    return { text, runs: block.lineRuns(index % LINES), more };
  }

  #appendRuns(block: Block, runs: number[]): void {
    // A part without style after a styled one must end that style.
    const explicit = runs[0] === 0 ? runs : [0, 0, ...runs];
    block.appendRuns(this.#openLength ? explicit : runs, this.#openLength);
  }

  #last(): Block {
    let block = this.#blocks[this.#blocks.length - 1] as Block;
    if (block.full) {
      block.seal();
      block = new Block();
      this.#blocks.push(block);
    }
    return block;
  }

  #ended(block: Block): void {
    block.endLine();
    this.count++;
    this.#openLength = 0;
  }

  /** Puts as many whole lines from `at` into the last block as it takes; returns where the next begins. */
  #fill(data: Uint8Array, at: number): number {
    const block = this.#last();
    const base = block.text.length - at;
    let end = at;
    while (end < data.length && !block.full) {
      end = data.indexOf(NEWLINE, end) + 1;
      block.ends.push(base + end);
      block.runEnds?.push(block.runs.length);
      this.count++;
    }
    block.appendBytes(data.subarray(at, end));
    return end;
  }
}

const END = new Uint8Array([NEWLINE]);

function utf16Length(data: Uint8Array): number {
  let length = 0;
  for (const byte of data) length += (byte & 0xc0) === 0x80 ? 0 : byte >= 0xf0 ? 2 : 1;
  return length;
}

/** Tab stops every eight columns; lines with tabs are ASCII (see segments.ts), so a column is a character. */
function expandTabs(text: string): string {
  if (!text.includes("\t")) return text;
  return text.split("\t").reduce((line, part) => line.padEnd((Math.floor(line.length / 8) + 1) * 8) + part);
}
