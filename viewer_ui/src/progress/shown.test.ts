import { expect, test } from "vitest";
import { inTree, mostTelling } from "./shown";
import { type Task, taskOf } from "./task";

let t = 0;
const task = (id: string, change: Record<string, unknown> = {}): Task => taskOf({ id, t: t++, ...change }, undefined);
const brief = (rows: ReturnType<typeof inTree>) => rows.map(({ task, depth }) => "└".repeat(depth) + task.id);

test("tasks stand below their parents", () => {
  const tasks = [
    task("a"),
    task("b"),
    task("a1", { parent: "a" }),
    task("a11", { parent: "a1" }),
    task("c", { parent: "?" }),
  ];
  expect(brief(inTree(tasks))).toEqual(["a", "└a1", "└└a11", "b", "c"]);
});

test("no task is lost in a circle, nor twice there", () => {
  const tasks = [task("a", { parent: "b" }), task("b", { parent: "a" }), task("c", { parent: "c" })];
  expect(brief(inTree(tasks))).toEqual(["a", "└b", "c"]);
});

test("those under way have the room, then what ended last", () => {
  const done = { state: "done" };
  const tasks = [
    task("epochs", { percent: 40 }),
    task("train 0", { parent: "epochs", ...done }),
    task("train 1", { parent: "epochs", ...done }),
    task("train 2", { parent: "epochs" }),
  ];
  expect(brief(mostTelling(inTree(tasks), 3))).toEqual(["epochs", "└train 1", "└train 2"]);
  expect(brief(mostTelling(inTree(tasks), 1))).toEqual(["epochs"]);
  expect(brief(mostTelling(inTree(tasks), 9))).toHaveLength(4);
});
