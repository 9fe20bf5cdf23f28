import { expect, test } from "vitest";
import { Emulator } from "./emulator";
import { LineStore } from "./store";
import { Styles } from "./styles";

function emulatorAfter(text: string): Emulator {
  const emulator = new Emulator(40, 6, false, new Styles(), new LineStore());
  emulator.write(Uint8Array.from(text, (character) => character.charCodeAt(0)));
  return emulator;
}

test.each([
  "",
  "a line\r\n",
  "\x1b[31mred\x1b[0m\r\n",
  "\x1b[2;4r\x1b[r\r\n",
  "up\r\nand\r\n\x1b[2Ain place\x1b[B\r\n\r\n",
])("is settled after %j", (text) => {
  expect(emulatorAfter(text).settled()).toBe(true);
});

test.each([
  ["in a line", "half"],
  ["a style", "\x1b[1m"],
  ["a colour that was left on", "\x1b[41mred\r\n"],
  ["a link", "\x1b]8;;https://example.org\x07"],
  ["half a sequence", "\x1b[3"],
  ["half a character", "\xc3"],
  ["a scroll region", "\x1b[2;4r"],
  ["line drawing", "\x1b(0"],
  ["shifted out", "\x0e"],
  ["no wrapping", "\x1b[?7l"],
  ["inserting", "\x1b[4h"],
  ["the alternate screen", "\x1b[?1049h"],
  ["lines below", "one\r\ntwo\r\n\x1b[2A"],
  ["in a wrapped line", `${"x".repeat(50)}\r`],
])("is not settled with %s", (_, text) => {
  expect(emulatorAfter(text).settled()).toBe(false);
});
