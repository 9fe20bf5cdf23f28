/** A run as an asciicast v3 (https://docs.asciinema.org/manual/asciicast/v3/), as the hub makes it of other runs. */

import { fieldsOf, numberOf } from "../../progress/fields";
import type { Info, RunEvent } from "../../protocol";
import type { Plain } from "./plain";

/** Columns and rows where the job has no terminal. */
const [COLS, ROWS] = [80, 24];

/** The file's lines. */
export function* castOf(run: Info, plain: Plain, events: RunEvent[]): Generator<string> {
  const resizes = events.filter(({ kind }) => kind === "resize");
  const tape = new Tape(run.pty);
  yield line(headerOf(run));
  for (const { at, t, data } of plain.stretches()) {
    while (resizes[0] && resizes[0].at <= at) yield tape.resized(resizes.shift() as RunEvent);
    yield tape.written(t, data);
  }
  for (const resize of resizes) yield tape.resized(resize);
  yield tape.rest();
  const exit = events.findLast(({ kind }) => kind === "exit");
  if (exit) yield tape.ended(exit);
}

function headerOf({ started, command, name, cols, rows }: Info): object {
  const header = { version: 3, term: { cols: cols || COLS, rows: rows || ROWS }, timestamp: Math.floor(started) };
  return { ...header, ...(command.length && { command: command.join(" ") }), ...(name && { title: name }) };
}

class Tape {
  #utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
  /** When the last event was, in microseconds. */
  #told = 0;
  #endsWithReturn = false;

  /** What no terminal has passed on has bare newlines. */
  constructor(private passed: boolean) {}

  written(t: number, data: Uint8Array): string {
    const text = this.#utf8.decode(data, { stream: true });
    return text && this.#event(t, "o", this.passed ? text : this.#returned(text));
  }

  resized(event: RunEvent): string {
    const { cols, rows } = fieldsOf(event);
    return numberOf(cols) && numberOf(rows) ? this.#event(event.t, "r", `${cols}x${rows}`) : "";
  }

  /** Half a character that is left over. */
  rest(): string {
    const rest = this.#utf8.decode();
    return rest && this.#event(this.#told / 1e6, "o", rest);
  }

  ended(event: RunEvent): string {
    const { code, signal } = fieldsOf(event);
    const number = numberOf(signal);
    const status = numberOf(code) ?? (number === null ? 1 : 128 + number);
    return this.#event(event.t, "x", String(status));
  }

  #returned(text: string): string {
    const bare = this.#endsWithReturn && text.startsWith("\n");
    this.#endsWithReturn = text.endsWith("\r");
    return text.replace(/\r?\n/g, "\r\n").slice(bare ? 1 : 0);
  }

  /** Times are intervals, which may not be negative; rounding must not add up. */
  #event(t: number, code: string, data: string): string {
    const now = Math.max(this.#told, Math.round(t * 1e6));
    const interval = (now - this.#told) / 1e6;
    this.#told = now;
    return line([interval, code, data]);
  }
}

function line(value: object): string {
  return `${JSON.stringify(value)}\n`;
}
