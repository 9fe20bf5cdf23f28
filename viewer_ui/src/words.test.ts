import { describe, expect, test } from "vitest";
import type { Info } from "./protocol";
import { clock, commandLine, connectionWords, count, duration, elapsed, size, stateWords } from "./words";

const RUN: Info = {
  id: "r",
  name: "train.py",
  command: ["python3", "train.py"],
  cwd: "~",
  host: "gpu-3",
  user: "ada",
  pty: true,
  cols: 80,
  rows: 24,
  state: "running",
  started: 1000,
  ended: null,
  heard: 1010,
  now: 1012,
  exit_code: null,
  signal: null,
  size: 0,
  lines: 0,
  events: 0,
  complete: false,
  holes: [],
  conflict: null,
  viewers: 1,
};

describe("a state in words", () => {
  test.each([
    [{ state: "running" }, "● running "],
    [{ state: "waiting" }, "○ waiting "],
    [{ state: "stalled" }, "◐ stalled silent for 2 min"],
    [{ state: "lost" }, "◌ lost last heard 2 min ago"],
    [{ state: "succeeded", exit_code: 0 }, "✓ succeeded "],
    [{ state: "failed", exit_code: 1 }, "✗ failed exit 1"],
    [{ state: "killed", exit_code: 137, signal: 9 }, "■ killed SIGKILL"],
    [{ state: "killed", exit_code: null, signal: 34 }, "■ killed signal 34"],
  ] as [Partial<Info>, string][])("%j", (change, words) => {
    const { shape, word, detail } = stateWords({ ...RUN, ...change }, 1130);
    expect(`${shape} ${word} ${detail}`).toBe(words);
  });
});

test("time goes on until the run ends", () => {
  expect(elapsed(RUN, 1060)).toBe(60);
  expect(elapsed({ ...RUN, ended: 1030 }, 1060)).toBe(30);
  expect(elapsed(RUN, 900)).toBe(0);
});

test.each([
  [0, "0:00"],
  [761.9, "12:41"],
  [11_521, "3:12:01"],
])("%d s on the clock", (seconds, text) => expect(clock(seconds)).toBe(text));

test.each([
  [40, "40 s"],
  [72, "1 min"],
  [7500, "2 h 5 min"],
])("%d s in words", (seconds, text) => expect(duration(seconds)).toBe(text));

test.each([
  [1, "1 byte"],
  [999, "999 bytes"],
  [1234, "1.2 kB"],
  [2_500_000_000, "2.5 GB"],
])("%d bytes", (bytes, text) => expect(size(bytes)).toBe(text));

test("numbers are grouped and nouns agree", () => {
  expect(count(1, "line")).toBe("1 line");
  expect(count(12_288, "byte")).toBe("12,288 bytes");
});

test("a command reads as it would be typed", () => {
  expect(commandLine(["python3", "a b.py", "--x=1", "it's"])).toBe("python3 'a b.py' --x=1 'it'\\''s'");
});

describe("the connection in words", () => {
  const up = { ended: false, complete: false, connected: true, unreachable: false, behind: 0, refused: undefined };
  test.each([
    [{}, "live"],
    [{ connected: false }, "connecting"],
    [{ ended: true }, "ended · the last of it may still come"],
    [{ behind: 3_200_000 }, "catching up 3.2 MB"],
    [
      { unreachable: true, connected: false },
      "The hub can't be reached. The job goes on and nothing is lost; trying again.",
    ],
    [{ complete: true, connected: false }, "complete · verified"],
    [{ complete: true, behind: 3_200_000 }, "catching up 3.2 MB"],
    [{ refused: "bad_link" as const }, "This link is not known here any more."],
    [{ refused: "bad_protocol" as const }, "The hub has changed. Please reload the page."],
  ])("%j", (change, words) => expect(connectionWords({ ...up, ...change }).words).toBe(words));
});
