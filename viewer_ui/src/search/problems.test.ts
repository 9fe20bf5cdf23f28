import { expect, test } from "vitest";
import { isProblem, PATTERNS, type Problem } from "./problems";

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
