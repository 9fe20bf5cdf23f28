import { describe, expect, test } from "vitest";
import type { Info } from "./protocol";
import {
  clock,
  commandLine,
  connectionWords,
  duration,
  elapsed,
  missingHere,
  proofWords,
  sentence,
  size,
  stateWords,
  troubles,
  type Visit,
} from "./words";

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
  sha256: null,
  holes: [],
  conflict: null,
  limited: [],
  tasks: [],
  metrics: {},
  notes: { warning: 0, error: 0 },
  progress: null,
  peak_memory: null,
  refused: 0,
  spoke: 1010,
  stalls_at: 1130,
  viewers: 1,
};

describe("a state in words", () => {
  test.each([
    [{ state: "running" }, "● running"],
    [{ state: "waiting" }, "○ waiting"],
    [{ state: "stalled" }, "◐ stalled · silent for 2 min"],
    [{ state: "lost" }, "◌ lost · last heard 2 min ago"],
    [{ state: "succeeded", exit_code: 0 }, "✓ succeeded"],
    [{ state: "failed", exit_code: 1 }, "✗ failed · exit 1"],
    [{ state: "killed", exit_code: 137, signal: 9 }, "■ killed · SIGKILL"],
    [{ state: "killed", exit_code: null, signal: 34 }, "■ killed · signal 34"],
  ] as [Partial<Info>, string][])("%j", (change, words) => {
    const state = stateWords({ ...RUN, ...change }, 1130);
    expect(`${state.shape} ${sentence(state)}`).toBe(words);
  });

  test.each([
    [{ state: "running" }, "◌ not connected · running 40 s ago"],
    [{ state: "lost" }, "◌ not connected · lost 40 s ago"],
    [{ state: "failed", exit_code: 1, ended: 1080 }, "✗ failed · exit 1"],
  ] as [Partial<Info>, string][])("%j, when the hub was seen 40 s ago", (change, words) => {
    const state = stateWords({ ...RUN, ...change }, 1130, 1090);
    expect(`${state.shape} ${sentence(state)}`).toBe(words);
  });

  test("holds for a moment without the hub", () => {
    expect(stateWords(RUN, 1130, 1128).word).toBe("running");
  });
});

test("time goes on until the run ends, or as long as is known of it", () => {
  expect(elapsed(RUN, 1060)).toBe(60);
  expect(elapsed({ ...RUN, ended: 1030 }, 1060)).toBe(30);
  expect(elapsed(RUN, 900)).toBe(0);
  expect(elapsed({ ...RUN, state: "lost" }, 1060)).toBe(10);
  expect(elapsed(RUN, 1060, 1040)).toBe(40);
  expect(elapsed(RUN, 1060, 1059)).toBe(60);
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

test("a command reads as it would be typed", () => {
  expect(commandLine(["python3", "a b.py", "--x=1", "it's"])).toBe("python3 'a b.py' --x=1 'it'\\''s'");
});

const NO_GAPS = { count: 0, bytes: 0 };

test.each([
  ["gap", 12_288, "12,288 bytes are missing here: they could not be recorded"],
  ["hole", 1024, "1,024 bytes are missing here: damaged in the hub's store"],
  ["hole", 1, "1 byte is missing here: damaged in the hub's store"],
] as const)("a %s of %d bytes", (kind, bytes, words) => expect(missingHere(kind, bytes)).toBe(words));

describe("what is wrong with a copy, in words", () => {
  test.each([
    [{}, NO_GAPS, []],
    [{}, { count: 2, bytes: 13_312 }, ["2 gaps: 13,312 bytes could not be recorded."]],
    [{ holes: [[65_536, 66_560]] }, NO_GAPS, ["1 hole: 1,024 bytes damaged in the hub's store, at byte 65,536."]],
    [
      {
        holes: [
          [0, 1024],
          [2048, 4096],
        ],
      },
      { count: 1, bytes: 1 },
      ["2 holes: 3,072 bytes damaged in the hub's store, the first at byte 0.", "1 gap: 1 byte could not be recorded."],
    ],
    [{ conflict: 4096 }, NO_GAPS, ["The runner's copy differs from the hub's at byte 4,096."]],
    [
      { limited: ["output", "events"] },
      NO_GAPS,
      [
        "There is more output than this hub takes of a run; the rest is only where the job ran.",
        "There are more events than this hub takes of a run; the rest is only where the job ran.",
      ],
    ],
    [{ conflict: 0, complete: true }, NO_GAPS, ["Another copy, which differs from byte 0 on, was refused."]],
  ] as [Partial<Info>, typeof NO_GAPS, string[]][])("%j %j", (change, gaps, words) =>
    expect(troubles({ ...RUN, ...change }, gaps)).toEqual(words),
  );
});

test("verified says what that means", () => {
  expect(proofWords({ ...RUN, size: 8192 })).toBe("");
  const proven = { ...RUN, size: 8192, complete: true, sha256: "ab12" };
  expect(proofWords(proven)).toBe("Runner and hub agree on 8,192 bytes with the SHA-256 ab12");
});

describe("the connection in words", () => {
  const ended = { ...RUN, ended: 1100, size: 8192 };
  const complete = { ...ended, complete: true };
  const holes: Info["holes"] = [[0, 1024]];
  const down = { connected: false, away: 40 };
  const up: Visit = {
    copy: RUN,
    gaps: NO_GAPS,
    connected: true,
    unreachable: false,
    behind: 0,
    missing: 0,
    refused: undefined,
    away: 0,
  };
  test.each([
    [{}, "live"],
    [{ copy: { ...RUN, holes } }, "live"],
    [{ copy: { ...RUN, state: "lost" } }, "connected to the hub"],
    [{ connected: false }, "connecting"],
    [{ connected: false, away: undefined }, "connecting"],
    [{ copy: ended }, "ended · the hub has 8,192 bytes, not yet confirmed to be all"],
    [{ copy: { ...ended, holes } }, "ended · not complete"],
    [{ copy: { ...ended, conflict: 7 } }, "ended · not complete"],
    [{ copy: { ...ended, limited: ["output"] } }, "ended · not complete"],
    [{ copy: { ...complete, holes } }, "ended · not complete"],
    [{ copy: complete }, "complete, verified"],
    [{ copy: complete, gaps: { count: 1, bytes: 9 } }, "verified as far as it was recorded"],
    [{ copy: complete, ...down }, "complete, verified"],
    [{ copy: complete, behind: 3_200_000 }, "catching up 3.2 MB"],
    [{ copy: complete, missing: 12 }, "The hub has not given everything: 12 bytes missing."],
    [{ behind: 3_200_000 }, "catching up 3.2 MB"],
    [{ unreachable: true }, "Reading from the hub fails; trying again."],
    [down, "hub unreachable, the job goes on without it; last heard 40 s ago"],
    [{ ...down, copy: ended }, "hub unreachable; last heard 40 s ago"],
    [{ ...down, copy: { ...complete, holes } }, "hub unreachable; last heard 40 s ago"],
    [{ copy: undefined, unreachable: true, connected: false, away: undefined }, "hub unreachable; trying again"],
    [{ refused: "bad_link" }, "This link is not known here any more."],
    [{ refused: "bad_protocol" }, "The hub has changed. Please reload the page."],
  ] as [Partial<Visit>, string][])("%j", (change, said) => {
    const { words, more = "" } = connectionWords({ ...up, ...change });
    expect(words + more).toBe(said);
  });
});
