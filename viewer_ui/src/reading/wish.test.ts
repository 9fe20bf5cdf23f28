import { expect, test } from "vitest";
import { type Wish, wishOf } from "./wish";

test.each<[string, Wish | undefined]>([
  ["1200", { line: 1200 }],
  [" 1,200 ", { line: 1200 }],
  ["L7", { line: 7 }],
  ["#L7", { line: 7 }],
  ["0", { line: 1 }],
  ["12:34", { time: 754 }],
  ["1:02:03", { time: 3723 }],
  ["t=90", { time: 90 }],
  ["90s", { time: 90 }],
  ["+5m", { later: 300 }],
  ["-30s", { later: -30 }],
  ["+ 1h 5min", { later: 3900 }],
  ["+2", { later: 2 }],
  ["50%", { share: 0.5 }],
  ["900%", { share: 1 }],
  ["", undefined],
  ["+", undefined],
  ["soon", undefined],
  ["12:34:56:78", undefined],
])("%s", (typed, wish) => {
  expect(wishOf(typed)).toEqual(wish);
});
