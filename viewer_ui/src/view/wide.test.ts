import { expect, test } from "vitest";
import { cells } from "./wide";

test.each([
  ["", 0],
  ["Füchsin", 7],
  ["熊猫", 4],
  ["きつね: 🦊", 10],
  ["한국어", 6],
  ["ｱｲｳ", 3],
  ["𠀀", 2],
  ["か\u3099", 2],
  ["\u1112\u1161\u11ab", 2],
  ["┄┄ ✓ █", 6],
])("%j takes %d cells", (text, width) => expect(cells(text)).toBe(width));
