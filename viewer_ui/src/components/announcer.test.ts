import { expect, test } from "vitest";
import { newsWords } from "./announcer";

const BEFORE = { lines: 100, counts: { info: 0, warning: 1, error: 0 } };

test.each([
  [{}, ""],
  [{ lines: 312 }, "212 new lines"],
  [{ lines: 101, counts: { info: 2, warning: 3, error: 1 } }, "1 new line, 2 warnings, 1 error"],
  [{ lines: 90 }, ""],
])("after %j is said: %s", (now, words) => expect(newsWords(BEFORE, { ...BEFORE, ...now })).toBe(words));
