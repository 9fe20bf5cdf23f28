import { expect, test } from "vitest";
import type { RunEvent } from "../protocol";
import { markOf } from "./layout";

const at = { seq: 0, t: 0, at: 7 };

test("a note is one line, cut where it is long; of no known level it is information", () => {
  const note = { ...at, kind: "note" as const, level: "error" };
  const said = { at: 7, kind: "note", seq: 0, t: 0 };
  expect(markOf({ ...note, text: "  <b>disk</b>\r\n\x1b[31m full " })).toEqual({
    ...said,
    level: "error",
    text: "<b>disk</b> [31m full",
  });
  expect(markOf({ ...note, text: "x".repeat(5000) })).toMatchObject({ text: `${"x".repeat(240)}…` });
  expect(markOf({ ...note, text: { toString: 1 } as unknown as string })).toMatchObject({ text: "" });
  expect(markOf({ ...note })).toMatchObject({ text: "" });
  expect(markOf({ ...note, level: "panic", text: "calm" })).toEqual({ ...said, level: "info", text: "calm" });
});

test("what is done to the job stands among its lines, once for each step", () => {
  const event = (fields: object) =>
    markOf({ ...at, kind: "control", id: "x", by: "ada", ...fields } as unknown as RunEvent);
  expect(event({ do: "stop", state: "accepted" })).toBeUndefined();
  expect(event({ do: "stop", state: "delivered", signal: "INT" })).toMatchObject({
    ...{ kind: "note", at: 7, own: true, level: "info" },
    text: "ada: Stop · SIGINT sent",
  });
  expect(event({ do: "signal", state: "delivered", signal: "USR1" })).toMatchObject({ text: "ada: SIGUSR1" });
  expect(event({ do: "type", state: "delivered" })).toMatchObject({ text: "ada typed into the job." });
  expect(event({ do: "dance", state: "delivered" })).toBeUndefined();
});

test("a group opens unless it closes, and the job's end is its failure unless it says otherwise", () => {
  const event = (fields: object) => markOf({ ...at, ...fields } as unknown as RunEvent);
  expect(event({ kind: "group", name: "Install\n deps" })).toMatchObject({ name: "Install deps", open: true });
  expect(event({ kind: "group", open: false })).toMatchObject({ name: "", open: false });
  expect(event({ kind: "exit", code: 0 })).toMatchObject({ failed: false });
  expect(event({ kind: "exit", code: null, signal: 9 })).toMatchObject({ failed: true });
});

test("gaps and sizes are taken as far as they make sense", () => {
  expect(markOf({ ...at, kind: "gap", bytes: 99 })).toEqual({ at: 7, kind: "gap", bytes: 99 });
  expect(markOf({ ...at, kind: "resize", cols: 0, rows: 1e9 })).toEqual({ at: 7, kind: "resize", cols: 80, rows: 500 });
  expect(markOf({ ...at, kind: "gap", bytes: { valueOf: 1 } as unknown as number })).toMatchObject({ bytes: 0 });
  expect(markOf({ ...at, kind: "metric" })).toBeUndefined();
});
