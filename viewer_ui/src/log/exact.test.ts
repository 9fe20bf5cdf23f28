/** The log ends with the screen of @xterm/headless fed whole, in whatever pieces output comes. */

import { Terminal } from "@xterm/headless";
import { expect, test } from "vitest";
import { corpus, interesting, type Output, recordings } from "../testing/outputs";
import { TerminalLog } from "./terminal_log";

interface Seen {
  /** The lines on the screen, wrapped rows joined, blanks at ends left out. */
  screen: string[];
  alternate: string[];
}

async function reference({ data, cols, rows }: Output): Promise<Seen> {
  const terminal = new Terminal({ cols, rows, scrollback: 100_000, allowProposedApi: true, logLevel: "off" });
  await new Promise<void>((resolve) => terminal.write(data, resolve));
  const { normal, active } = terminal.buffer;
  const joined: string[] = [];
  for (let y = begin(normal.baseY); y < normal.length; y++) {
    const line = normal.getLine(y);
    const rest = normal.getLine(y + 1);
    const text = line?.translateToString(!rest?.isWrapped, 0, widthOf(y)) ?? "";
    if (line?.isWrapped) joined.push((joined.pop() ?? "") + text);
    else joined.push(text);
  }
  const alternate = active.type === "normal" ? [] : Array.from({ length: rows }, (_, y) => textOf(y));
  return { screen: trimmed(joined), alternate: trimmed(alternate) };

  /** Where the line began that is the first on the screen. */
  function begin(y: number): number {
    return normal.getLine(y)?.isWrapped ? begin(y - 1) : y;
  }

  /** A wide character that did not fit leaves the last column empty. */
  function widthOf(y: number): number {
    const [last, next] = [normal.getLine(y)?.getCell(cols - 1), normal.getLine(y + 1)];
    return next?.isWrapped && next.getCell(0)?.getWidth() === 2 && last?.getCode() === 0 ? cols - 1 : cols;
  }

  function textOf(y: number): string {
    return active.getLine(active.baseY + y)?.translateToString(true) ?? "";
  }
}

async function seen({ data, cols, rows }: Output, cut: number[], lines: number): Promise<Seen> {
  const log = new TerminalLog(0, { cols, rows, convertEol: false });
  for (const [i, at] of [0, ...cut].entries()) await log.append(at, data.subarray(at, cut[i]));
  const texts = Array.from({ length: log.count }, (_, row) => log.read(row, 1e9).text);
  return {
    screen: lines ? trimmed(texts).slice(-lines) : [],
    alternate: trimmed(log.alternate.map(({ text }) => text)),
  };
}

const trimmed = (lines: string[]) => {
  const cut = lines.map((line) => line.trimEnd());
  return cut.slice(0, cut.findLastIndex((line) => line) + 1);
};

const every = ({ data }: Output) => Array.from(data.keys()).slice(1);

test.each(corpus().map((output) => [output.name, output] as const))("cut at any byte: %s", async (_, output) => {
  const whole = await reference(output);
  expect(await seen(output, every(output), whole.screen.length)).toEqual(whole);
  for (const at of [0, ...every(output)]) expect(await seen(output, [at], whole.screen.length)).toEqual(whole);
});

test.each(recordings().map((output) => [output.name, output] as const))(
  "cut at every byte, and at some where it matters: %s",
  async (_, output) => {
    const whole = await reference(output);
    expect(await seen(output, every(output), whole.screen.length)).toEqual(whole);
    for (const at of interesting(output.data, 8)) {
      expect(await seen(output, [at], whole.screen.length)).toEqual(whole);
    }
  },
  30_000,
);
