import { expect, test } from "vitest";
import type { Hit } from "./found";
import { Hits } from "./hits";

function hit(at: number, ...matches: string[]): Hit {
  return { line: 1, at, text: "", matches };
}

test("hits are in the order of the log, whatever order they come in", () => {
  const hits = new Hits();
  for (const at of [50, 70, 0, 20]) hits.add(hit(at));
  expect(hits.all.map(({ at }) => at)).toEqual([0, 20, 50, 70]);
  expect(hits.indexFrom(20)).toBe(1);
  expect(hits.indexFrom(21)).toBe(2);
});

test("a line that is found again, when it has grown, counts once", () => {
  const hits = new Hits();
  hits.add(hit(10, "a"));
  hits.add(hit(10, "a", "a"));
  expect(hits.count).toBe(1);
  expect(hits.of(10)?.matches).toEqual(["a", "a"]);
  expect(hits.of(11)).toBeUndefined();
  expect(hits.of(undefined)).toBeUndefined();
});

test("next and previous go round the ends", () => {
  const hits = new Hits();
  expect(hits.next(0, 1)).toBeUndefined();
  for (const at of [0, 20, 50]) hits.add(hit(at));
  expect(hits.next(0, 1)?.at).toBe(20);
  expect(hits.next(-1, 1)?.at).toBe(0);
  expect(hits.next(50, 1)?.at).toBe(0);
  expect(hits.next(20, -1)?.at).toBe(0);
  expect(hits.next(0, -1)?.at).toBe(50);
});
