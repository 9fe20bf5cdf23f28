import { expect, test } from "vitest";
import type { State } from "../protocol";
import { momentOf } from "./moments";

test.each([
  ["running", "succeeded", "succeeded"],
  ["running", "failed", "failed"],
  ["lost", "killed", "killed"],
  ["running", "stalled", "stalled"],
  ["waiting", "stalled", "stalled"],
  [undefined, "failed", undefined],
  ["stalled", "stalled", undefined],
  ["stalled", "running", undefined],
  ["running", "lost", undefined],
  ["failed", "succeeded", undefined],
] as [State | undefined, State, string | undefined][])("from %s to %s is worth telling: %s", (before, state, moment) =>
  expect(momentOf(before, { state })).toBe(moment),
);
