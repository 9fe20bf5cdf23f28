/** The screen is exactly that of @xterm/headless fed whole, in whatever pieces output comes. */

import { type IBuffer, Terminal } from "@xterm/headless";
import { expect, test } from "vitest";
import { Styles } from "../log/styles";
import { corpus, interesting, type Output, recordings } from "../testing/outputs";
import { Reel } from "./reel";
import type { Piece } from "./screen";

const FIRST = { at: 0, style: "", modes: "" };
const styles = new Styles();

/** All there is to see: each cell with its width and looks, and the cursor. */
interface Seen {
  alternate: boolean;
  cursor: [number, number];
  rows: string[];
}

async function reference({ data, cols, rows }: Output): Promise<Seen> {
  const terminal = new Terminal({ cols, rows, scrollback: 200, allowProposedApi: true, logLevel: "off" });
  await new Promise<void>((resolve) => terminal.write(data, resolve));
  const { active } = terminal.buffer;
  const cursor: [number, number] = [Math.min(active.cursorX, cols - 1), active.cursorY];
  return {
    alternate: active.type === "alternate",
    cursor,
    rows: Array.from({ length: rows }, (_, y) => row(active, y)),
  };
}

function row(buffer: IBuffer, y: number): string {
  const line = buffer.getLine(buffer.baseY + y);
  const cells = [];
  for (let x = 0; x < (line?.length ?? 0); x++) {
    const cell = line?.getCell(x);
    if (cell?.getWidth()) cells.push(told(cell.getChars() || " ", styles.get(styles.of(cell))));
  }
  return trimmed(cells);
}

/** A character and its looks; blanks without any at the end of a row are not seen. */
const told = (text: string, looks: object) => `${text}${JSON.stringify(looks)}`;
const PLAIN = told(" ", styles.get(0));

function trimmed(cells: string[]): string {
  return cells.slice(0, cells.findLastIndex((cell) => cell !== PLAIN) + 1).join("");
}

async function seen({ data, cols, rows }: Output, cut: number[]): Promise<Seen> {
  const reel = new Reel(FIRST, { cols, rows, convertEol: false }, []);
  for (const [i, at] of [0, ...cut].entries()) await reel.run(at, data.subarray(at, cut[i]), () => true);
  const { screen } = reel;
  const cells = ({ text, style, cells }: Piece) =>
    (cells ? [text] : Array.from(text)).map((each) => told(each, screen.styles.get(style)));
  return {
    alternate: screen.alternate,
    cursor: [screen.place.x, screen.place.y],
    rows: Array.from({ length: rows }, (_, y) => trimmed(screen.row(y).flatMap(cells))),
  };
}

const every = ({ data }: Output) => Array.from(data.keys()).slice(1);

test.each(corpus().map((output) => [output.name, output] as const))("cut at any byte: %s", async (_, output) => {
  const whole = await reference(output);
  expect(await seen(output, every(output))).toEqual(whole);
  for (const at of [0, ...every(output)]) expect(await seen(output, [at])).toEqual(whole);
});

test.each(recordings().map((output) => [output.name, output] as const))(
  "cut at every byte, and at some where it matters: %s",
  async (_, output) => {
    const whole = await reference(output);
    expect(await seen(output, every(output))).toEqual(whole);
    for (const at of interesting(output.data, 8)) expect(await seen(output, [at])).toEqual(whole);
  },
  30_000,
);
