import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { mainTask, type Ranked } from "./main_task";

interface Vector {
  name: string;
  tasks: Ranked[];
  main: string | null;
}

/** The same that the runner and the hub are held to. */
const VECTORS: Vector[] = JSON.parse(
  readFileSync(new URL("../../../tests/vectors/main_task.json", import.meta.url), "utf8"),
);

test.each(VECTORS.map((vector) => [vector.name, vector] as const))("the main task: %s", (_, { tasks, main }) => {
  expect(mainTask(tasks)?.id ?? null).toBe(main);
});
