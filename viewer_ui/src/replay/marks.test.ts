import { expect, test } from "vitest";
import { nothing } from "../progress/fold";
import { Series } from "../progress/series";
import { taskOf } from "../progress/task";
import { bars, curve, heights, spans } from "./marks";

test("a little output shows beside a lot, and none doesn't", () => {
  const [none = 0, line = 0, flood = 0] = heights([0, 80, 10_000_000]);
  expect([none, flood]).toEqual([0, 1]);
  expect(line).toBeGreaterThan(0.2);
  expect(heights([])).toEqual([]);
});

test("bars stand on the ground, side by side", () => {
  expect(bars([0.5, 0, 1], 30, 10)).toBe("M0 10v-5h10V10zM20 10v-10h10V10z");
});

test("a curve goes along a series, and isn't finer than it is wide", () => {
  const series = new Series("x");
  for (let t = 0; t <= 10; t++) series.add(t, null, t);
  expect(curve(series, 20, 100, 10)).toMatch(/^M0 10L5 9.*L50 0$/);
  const long = new Series("y");
  for (let t = 0; t < 4000; t++) long.add(t, null, 1);
  expect(curve(long, 4000, 100, 10).split("L").length).toBeLessThan(110);
});

test("spans are as long as their tasks were under way, nested ones below", () => {
  const progress = nothing();
  const add = (id: string, began: number, t: number, change: object) =>
    progress.tasks.set(id, { ...taskOf({ id, t }, undefined), began, ...change });
  add("all", 0, 50, {});
  add("part", 10, 30, { parent: "all", state: "done" });
  expect(spans(progress, 60)).toEqual([
    { from: 0, to: 60, row: 0, state: "running" },
    { from: 10, to: 30, row: 1, state: "done" },
  ]);
});
