import { expect, test } from "vitest";
import { INPUT_BYTES } from "../protocol";
import { typed } from "./typed";

test.each([
  ["yes", "yes\r"],
  ["", "\r"],
  ["one\ntwo\n", "one\rtwo\r"],
  ["one\n\n", "one\r\r"],
  ["ü".repeat(INPUT_BYTES / 2 - 1), `${"ü".repeat(INPUT_BYTES / 2 - 1)}\r`],
  ["ü".repeat(INPUT_BYTES / 2), undefined],
])("%j is typed", (text, data) => expect(typed(text)).toBe(data));
