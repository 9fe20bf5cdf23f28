import { expect, test } from "vitest";
import type { InForce } from "./in_force";
import { Screen, UNKNOWN } from "./screen";

const SIZE = { cols: 12, rows: 4, convertEol: false };
const NONE = { style: "", modes: "" };

function screenAfter(text: string, inForce?: InForce): Screen {
  const screen = new Screen(SIZE, inForce);
  screen.write(new TextEncoder().encode(text));
  return screen;
}

const texts = (screen: Screen) =>
  Array.from({ length: screen.rows }, (_, y) =>
    screen
      .row(y)
      .map(({ text }) => text)
      .join(""),
  ).join("\n");

test("shows what is in sight, and not what has scrolled away", () => {
  expect(texts(screenAfter("1\r\n2\r\n3\r\n4\r\n5"))).toBe("2\n3\n4\n5");
});

test("gives text in pieces of one style, and apart what may not be as wide as its cells", () => {
  const screen = screenAfter("ab\x1b[31mc\x1b[0m 漢█  ");
  expect(screen.row(0)).toEqual([
    { text: "ab", style: 0, cells: 0 },
    { text: "c", style: 1, cells: 0 },
    { text: " ", style: 0, cells: 0 },
    { text: "漢", style: 0, cells: 2 },
    { text: "█", style: 0, cells: 1 },
  ]);
});

test("says which screen the job draws on, and where the cursor is unless it is hidden", () => {
  const screen = screenAfter("\x1b[?1049h\x1b[2;3H");
  expect([screen.alternate, screen.cursor]).toEqual([true, { x: 2, y: 1 }]);
  expect(screenAfter("\x1b[?25l").cursor).toBeUndefined();
});

test("answers nothing, and takes no time for what is hostile", () => {
  const screen = screenAfter("\x1b[c\x1b[6n\x1bP+q544e\x1b\\\x1b]52;c;b3duZWQ=\x07\x1b]0;owned\x07\x1b[2147483647Sx");
  expect(texts(screen)).toBe("x\n\n\n");
});

test("begun in the middle, knows what was drawn, erased or scrolled since", () => {
  const screen = screenAfter("new\x1b[K\r\n", NONE);
  expect(screen.unknown).toBe(2 * 12);
  expect(screen.row(0)).toEqual([{ text: " ".repeat(12), style: UNKNOWN, cells: 0 }]);
  expect(screen.row(2)).toEqual([{ text: "new", style: 0, cells: 0 }]);
  expect(screenAfter("\x1b[2J", NONE).unknown).toBe(0);
});

test("begun in the middle, has the style and the modes that were in force", () => {
  const screen = screenAfter("x\r\n", { style: "\x1b[31m", modes: "\x1b[?1049h\x1b[2;3r" });
  expect(screen.alternate).toBe(true);
  expect(screen.row(3)[0]).toEqual({ text: "x", style: 1, cells: 0 });
  screen.write(new TextEncoder().encode("\x1b[?1049l"));
  expect(screen.unknown).toBe(4 * 12);
});

test("begun in the middle, takes nothing for known that was drawn at a guessed place", () => {
  const screen = screenAfter("\x1b[31mhalf a frame\r\nof it\x1b[Hframe", { style: "", modes: "\x1b[?1049h" });
  expect(screen.row(0)[0]).toEqual({ text: "frame", style: 1, cells: 0 });
  expect(screen.unknown).toBe(4 * 12 - 5);
});

test("knows nothing any more where output is missing", () => {
  const screen = screenAfter("\x1b[?1049h\x1b[31mdrawn");
  screen.forget();
  expect([screen.alternate, screen.unknown]).toEqual([true, 4 * 12]);
});
