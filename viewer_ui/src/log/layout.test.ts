import { expect, test } from "vitest";
import { markOf } from "./layout";

const at = { seq: 0, t: 0, at: 7 };

test("a note of an error is drawn in one line, cut where it is long; others are not", () => {
  const note = { ...at, kind: "note" as const, level: "error" };
  expect(markOf({ ...note, text: "  <b>disk</b>\r\n\x1b[31m full " })).toEqual({
    at: 7,
    kind: "note",
    text: "<b>disk</b> [31m full",
  });
  expect(markOf({ ...note, text: "x".repeat(5000) })).toMatchObject({ text: `${"x".repeat(240)}…` });
  expect(markOf({ ...note, text: { toString: 1 } as unknown as string })).toMatchObject({ text: "" });
  expect(markOf({ ...note })).toMatchObject({ text: "" });
  expect(markOf({ ...note, level: "info", text: "calm" })).toBeUndefined();
});

test("gaps and sizes are taken as far as they make sense", () => {
  expect(markOf({ ...at, kind: "gap", bytes: 99 })).toEqual({ at: 7, kind: "gap", bytes: 99 });
  expect(markOf({ ...at, kind: "resize", cols: 0, rows: 1e9 })).toEqual({ at: 7, kind: "resize", cols: 80, rows: 500 });
  expect(markOf({ ...at, kind: "gap", bytes: { valueOf: 1 } as unknown as number })).toMatchObject({ bytes: 0 });
  expect(markOf({ ...at, kind: "exit" })).toBeUndefined();
});
