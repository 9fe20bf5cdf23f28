import { describe, expect, test } from "vitest";
import { type RunEvent, TASKS_PER_RUN } from "../protocol";
import { fold, nothing, type Progress } from "./fold";

/** What events with these fields come to, numbered and a second apart. */
function folded(...events: Record<string, unknown>[]): Progress {
  const progress = nothing();
  events.forEach((fields, seq) => {
    fold(progress, { seq, t: seq, at: 0, ...fields } as unknown as RunEvent);
  });
  return progress;
}

const BUILD = { kind: "task", id: "b", label: "Build", current: 3, total: 10, percent: 30, state: "running", rate: 2 };

describe("a task", () => {
  test("is what its last event says, since its first one", () => {
    const { tasks } = folded(BUILD, { kind: "task", id: "b", current: 4, percent: 40, rate: null });
    expect(tasks.get("b")).toMatchObject({ label: "Build", current: 4, total: 10, percent: 40, rate: null });
    expect(tasks.get("b")).toMatchObject({ began: 0, t: 1 });
  });

  test("keeps the order of first events", () => {
    const one = { kind: "task", id: "1" };
    expect([...folded(one, BUILD, one).tasks.keys()]).toEqual(["1", "b"]);
  });

  test.each([
    [{ percent: "9" }, { percent: null }],
    [{ percent: 1e9 }, { percent: 100 }],
    [{ percent: -1 }, { percent: 0 }],
    [{ current: Number.NaN }, { current: null }],
    [{ label: { toString: 1 } }, { label: "" }],
    [{ label: "a\nb\u0000c" }, { label: "a b c" }],
    [{ label: "\u202egnp.exe" }, { label: "gnp.exe" }],
    [{ state: "__proto__" }, { state: "running" }],
    [{ parent: 7 }, { parent: null }],
  ])("with %j is shown harmlessly", (hostile, shown) => {
    expect(folded({ ...BUILD, ...hostile }).tasks.get("b")).toMatchObject(shown);
  });

  test("without an id is none, and a flood of them is bounded", () => {
    expect(folded({ kind: "task", id: 7 }).tasks.size).toBe(0);
    expect(folded(...Array.from({ length: 5000 }, (_, n) => ({ kind: "task", id: `${n}` }))).tasks.size).toBe(
      TASKS_PER_RUN,
    );
  });
});

describe("a metric", () => {
  test("is a series of values with their steps and times", () => {
    const { metrics } = folded(
      { kind: "metric", name: "loss", value: 0.5, step: 10 },
      { kind: "metric", name: "loss", value: 0.25, step: 20 },
      { kind: "metric", name: "loss", value: "NaN", step: 30 },
    );
    const loss = metrics.get("loss");
    expect(loss).toMatchObject({ steps: [10, 20], values: [0.5, 0.25], times: [0, 1], last: 0.25, stepped: true });
  });

  test("runs along time when steps are missing or go back", () => {
    const loss = (step: number | null) => ({ kind: "metric", name: "loss", value: 1, step });
    expect(folded(loss(1), loss(null)).metrics.get("loss")?.stepped).toBe(false);
    expect(folded(loss(2), loss(1)).metrics.get("loss")?.stepped).toBe(false);
  });

  test("of any length takes bounded room, keeps its shape and ends with its last value", () => {
    const { metrics } = folded(...Array.from({ length: 100_001 }, (_, n) => ({ kind: "metric", name: "x", value: n })));
    const { values, times } = metrics.get("x") ?? { values: [], times: [] };
    expect(values.length).toBeLessThanOrEqual(4096);
    expect(values.length).toBeGreaterThan(1024);
    expect(values.at(0)).toBe(0);
    expect(values.at(-1)).toBe(100_000);
    expect(times).toEqual(values);
    const gaps = values.slice(1, -1).map((value, i) => value - (values[i] ?? 0));
    expect(new Set(gaps).size).toBe(1);
  });
});

test("notes are kept in order, the most of them counted alone", () => {
  const note = { kind: "note", level: "warning", text: "low\ndisk", at: 7 };
  const { notes, counts } = folded(note, ...Array.from({ length: 2000 }, () => ({ kind: "note", level: "error" })));
  expect(notes[0]).toMatchObject({ level: "warning", text: "low disk", at: 7 });
  expect(notes.length).toBe(1000);
  expect(counts).toEqual({ info: 0, warning: 1, error: 2000 });
});
