import { expect, test } from "vitest";
import { Hole } from "../log/hole";
import { Draws } from "./draws";

const bytes = (text: string) => new TextEncoder().encode(text);

function drawsAfter(...pieces: string[]): boolean {
  const draws = new Draws();
  let at = 0;
  for (const piece of pieces) {
    draws.push(at, bytes(piece));
    at += piece.length;
  }
  return draws.now;
}

test.each([
  [true, ["\x1b[?1049h"]],
  [true, ["a\x1b[?47", "hb"]],
  [true, [..."x\x1b[?1047hy"]],
  [true, ["\x1b[?1049h\x1b[?1049l", "\x1b[?1049h"]],
  [false, ["\x1b[?1049h", "\x1b[?104", "9l"]],
  [false, ["[?1049h\x1b[?25h"]],
  [false, []],
])("draws on the whole screen: %s after %j", (draws, pieces) => expect(drawsAfter(...pieces)).toBe(draws));

test("looks at nothing twice, and not across what is missing", () => {
  const draws = new Draws();
  draws.push(0, bytes("\x1b[?1049h"));
  draws.push(8, bytes("\x1b[?1049l"));
  draws.push(0, bytes("\x1b[?1049h"));
  expect(draws.now).toBe(false);
  draws.push(16, bytes("\x1b[?"));
  draws.push(19, new Hole(10));
  draws.push(29, bytes("1049h"));
  expect(draws.now).toBe(false);
});

test("assumes what it is told until the output tells", () => {
  const draws = new Draws();
  draws.assume(true);
  expect(draws.now).toBe(true);
  draws.push(0, bytes("\x1b[?1049l"));
  draws.assume(true);
  expect(draws.now).toBe(false);
});

test("assumes again what it is told after a leap", () => {
  const draws = new Draws();
  draws.push(0, bytes("\x1b[?1049h"));
  draws.push(100, bytes("x"));
  draws.assume(false);
  expect(draws.now).toBe(false);
});
