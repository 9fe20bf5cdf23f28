import { expect, test } from "vitest";
import type { ListedRun } from "../protocol";
import type { OwnersHub } from "./owners_hub";
import { Runs } from "./runs";

const run = (id: string, started: number) => ({ id, started, now: 1 }) as ListedRun;
const RUNS = [run("second", 2), run("first", 1)];

/** A hub whose owner has these runs, and which answers when it is told to. */
function slowHub() {
  const answers: (() => void)[] = [];
  const page = () => new Promise<ListedRun[]>((resolve) => answers.push(() => resolve(RUNS)));
  return { answers, hub: { key: "key", page } as unknown as OwnersHub };
}

test("a run that is deleted while a page is on its way stays away, until everything is asked for anew", async () => {
  const { answers, hub } = slowHub();
  const runs = new Runs(hub);
  const ids = () => runs.all.map(({ id }) => id);
  const refreshed = runs.refresh();
  await expect.poll(() => answers.length).toBe(1);
  runs.forget("first");
  answers[0]?.();
  await refreshed;
  expect(ids()).toEqual(["second"]);

  const again = runs.refresh();
  await expect.poll(() => answers.length).toBe(2);
  answers[1]?.();
  await again;
  expect(ids()).toEqual(["second", "first"]);
});
