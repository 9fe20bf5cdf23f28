import { describe, expect, test } from "vitest";
import type { ListedRun, State } from "../protocol";
import { matching } from "./filter";
import { COLUMNS, inOrder, type Order, pressed, stepped, USUAL } from "./order";

const NOW = 2000;

function run(id: string, change: Partial<ListedRun> = {}): ListedRun {
  const times = { now: NOW, started: 1000, ended: null, heard: NOW, spoke: NOW, stalls_at: null };
  const who = { name: id, host: "gpu-3", user: "ada", tags: {}, last_line: "", kept: false };
  return { ...times, id, state: "running", progress: null, exit_code: null, signal: null, ...who, ...change };
}

function at(percent: number | null, eta: number | null): ListedRun["progress"] {
  return { id: "t", label: "Training", percent, eta, t: 1000, state: "running" };
}

const ids = (runs: ListedRun[]) => runs.map(({ id }) => id).join(" ");

/** The newest first, as the list has them. */
const RUNS = [
  run("train.py", { started: 1900, progress: at(42, 600), tags: { team: "ml", gpu: "a100" } }),
  run("backup", { started: 1800, state: "succeeded", ended: 1805, host: "nas", progress: at(100, null) }),
  run("Build", { started: 1700, state: "failed", ended: 1710, user: "bob" }),
  run("apply", { started: 1600, progress: at(10, 30) }),
];

describe("the filter", () => {
  const german: Partial<Record<State, string>> = { running: "läuft", failed: "gescheitert" };
  test.each([
    ["", "train.py backup Build apply"],
    ["  ", "train.py backup Build apply"],
    ["TRAIN", "train.py"],
    ["bob@gpu", "Build"],
    ["team=ml", "train.py"],
    ["gpu=a100 team", "train.py"],
    ["gpu-3 running", "train.py apply"],
    ["failed", "Build"],
    ["gescheitert", "Build"],
    ["nas running", ""],
    [".*", ""],
  ])("%j finds %j", (typed, found) => {
    expect(ids(matching(RUNS, typed, ({ state }) => german[state] ?? state))).toBe(found);
  });
});

describe("the order", () => {
  test.each<[Order, string]>([
    [USUAL, "train.py backup Build apply"],
    [{ by: "started", up: true }, "apply Build backup train.py"],
    [{ by: "name", up: true }, "apply backup Build train.py"],
    [{ by: "name", up: false }, "train.py Build backup apply"],
    [{ by: "progress", up: false }, "backup train.py apply Build"],
    [{ by: "progress", up: true }, "apply train.py backup Build"],
    [{ by: "left", up: true }, "apply train.py backup Build"],
    [{ by: "took", up: false }, "apply train.py Build backup"],
    [{ by: "host", up: true }, "train.py apply Build backup"],
    [{ by: "state", up: true }, "train.py apply backup Build"],
  ])("by %j is %s, and what isn't known comes last", (order, found) => {
    expect(ids(inOrder(RUNS, order, NOW))).toBe(found);
  });

  test("a head that is pressed again turns it round", () => {
    const byName = pressed(USUAL, "name");
    expect(byName).toEqual({ by: "name", up: true });
    expect(pressed(byName, "name")).toEqual({ by: "name", up: false });
    expect(pressed(byName, "took")).toEqual({ by: "took", up: false });
  });

  test("a key steps through the columns and comes round", () => {
    let order = USUAL;
    for (const _ of COLUMNS) order = stepped(order, 1);
    expect(order).toEqual(USUAL);
    expect(stepped(stepped(USUAL, 1), -1)).toEqual(USUAL);
  });
});
