import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Find, type Hit, type Progress, Refused, type Scope } from "./found";
import { Search } from "./search";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const QUERY = { text: "a", case: false, regex: false };
const HIT: Hit = { line: 1, at: 10, text: "a", matches: ["a"] };

type Answer = (Hit | Progress | Error)[];

/** A search of 100 bytes from offset `from` on that gets these answers, one for each time that it asks. */
function searching(from: number, ...answers: Answer[]) {
  const asked: Scope[] = [];
  const find: Find = async function* (_, scope) {
    asked.push(scope);
    for (const found of answers.shift() ?? []) {
      if (found instanceof Error) throw found;
      yield found;
    }
  };
  return { search: new Search(find, QUERY, from, 100), asked };
}

const soon = () => vi.advanceTimersByTimeAsync(0);
const later = () => vi.advanceTimersByTimeAsync(10_000);

test.each([new Error("search: 502"), new Refused("Too many searches.", false)])("goes on after: %s", async (error) => {
  const { search, asked } = searching(0, [HIT, { to: 50 }, error], [{ to: 100, done: true }]);
  await soon();
  expect([search.trouble, search.busy]).toEqual([error instanceof Refused ? error.message : "", true]);
  await later();
  expect([search.trouble, search.busy, search.hits.count, search.share]).toEqual([undefined, false, 1, 1]);
  expect(asked.map(({ from }) => from)).toEqual([0, 50]);
});

test("what was before the place of the beginning is searched after a failure, too", async () => {
  const { search, asked } = searching(60, [new Error()], [{ to: 100, done: true }], [new Error()], [{ to: 60 }]);
  await later();
  await later();
  expect(asked.map(({ from, to }) => [from, to])).toEqual([
    [60, undefined],
    [60, undefined],
    [0, 60],
    [0, 60],
  ]);
  expect(search.share).toBe(1);
});

test("what can't be searched for isn't asked for again", async () => {
  const { search, asked } = searching(0, [new Refused("missing )")]);
  await later();
  search.grown(200);
  await later();
  expect([search.trouble, search.busy, asked.length]).toEqual(["missing )", false, 1]);
});

test("what has been stopped isn't tried again", async () => {
  const { search, asked } = searching(0, [new Error()], [{ to: 100, done: true }]);
  await soon();
  search.stop();
  await later();
  expect(asked.length).toBe(1);
});
