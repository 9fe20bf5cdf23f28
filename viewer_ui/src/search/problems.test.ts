import { expect, test } from "vitest";
import { LogDocument } from "../log/document";
import type { Find, Hit, Progress } from "./found";
import { isProblem, nextProblem, PATTERNS, type Problem } from "./problems";

/** As the hub finds it: RE2 and JavaScript agree on what the patterns use. */
function isA(level: Problem, text: string): boolean {
  const matches = [...text.matchAll(new RegExp(PATTERNS[level], "gi"))].map(([match]) => match);
  return matches.length > 0 && isProblem({ line: 1, at: 0, text, matches });
}

test.each([
  "error: no such file",
  "ERROR [main] out of memory",
  "java.lang.NullPointerException: x",
  "ValueError: invalid literal",
  "Traceback (most recent call last):",
  "make: *** [all] Error 2",
  "3 failed, 0 errors",
  "Build FAILED",
  "thread 'main' panicked at src/main.rs",
])("an error: %s", (line) => expect(isA("error", line)).toBe(true));

test.each([
  "0 errors, 12 passed",
  "no errors",
  "errors: 0, failed: 0",
  "finished without errors",
  "error=none",
  "mirrors and terrors",
  "loss=0.333",
])("no error: %s", (line) => expect(isA("error", line)).toBe(false));

test.each(["warning: unused variable", "WARN low disk", "DeprecationWarning: x", "npm warn deprecated y"])(
  "a warning: %s",
  (line) => expect(isA("warning", line)).toBe(true),
);

test.each(["0 warnings", "warnings: 0", "forewarned"])("no warning: %s", (line) =>
  expect(isA("warning", line)).toBe(false),
);

const PIPE = { cols: 500, rows: 24, convertEol: true };
const TEXT = Array.from({ length: 300 }, (_, i) => (i % 40 ? `line ${i}\n` : `error ${i}\n`)).join("");
const BYTES = new TextEncoder().encode(TEXT);

/** Finds the errors of the text, of which one answer tells of so many at most; `meanwhile` happens before the first. */
function finding(most = 100, meanwhile = async () => {}): Find {
  return async function* (_, { from, to = BYTES.length }): AsyncGenerator<Hit | Progress> {
    await meanwhile();
    const all = [...TEXT.matchAll(/error/g)].map(({ index }) => index).filter((at) => from <= at && at < to);
    for (const at of all.slice(0, most)) yield { line: 1, at, text: "error", matches: ["error"] };
    const limited = all.length > most;
    yield { to: limited ? (all[most - 1] ?? 0) + 1 : to, done: true, limited };
  };
}

test.each([
  [1, "error 240"],
  [-1, "error 200"],
] as const)(
  "the next problem (%d) is told from where the reader was, whatever is read before it meanwhile",
  async (by, text) => {
    const start = TEXT.indexOf("line 150\n");
    const log = new LogDocument(PIPE, start, 150);
    await log.append(start, BYTES.subarray(start));
    const find = finding(100, async () => {
      if (log.whole) return;
      log.beginWhole();
      await log.appendWhole(0, BYTES);
      log.swap();
    });
    const row = await nextProblem(find, log, [], log.rowOfLine(221), by, "error", "error");
    expect(log.row(row ?? -1, 99).text).toBe(text);
  },
);

test("the problem before is the last one, also where a search finds only some of them at once", async () => {
  const log = new LogDocument(PIPE);
  await log.append(0, BYTES);
  const row = await nextProblem(finding(2), log, [], 250, -1, "error", "error");
  expect(log.row(row ?? -1, 99).text).toBe("error 240");
});
