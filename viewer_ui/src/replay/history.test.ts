import fc from "fast-check";
import { expect, test } from "vitest";
import { fold, nothing } from "../progress/fold";
import type { RunEvent } from "../protocol";
import { History } from "./history";
import { MOST } from "./trail";

function happened(...events: Record<string, unknown>[]): { history: History; events: RunEvent[] } {
  const progress = nothing();
  const history = new History(progress);
  const numbered = events.map((event, seq) => ({ seq, at: 0, ...event }) as unknown as RunEvent);
  for (const event of numbered) {
    fold(progress, event);
    history.add(event);
  }
  return { history, events: numbered };
}

const kinds = fc.oneof(
  fc.record({
    kind: fc.constant("task"),
    id: fc.constantFrom("a", "b", "c"),
    percent: fc.nat(100),
    state: fc.constantFrom("running", "done"),
  }),
  fc.record({ kind: fc.constant("metric"), name: fc.constantFrom("x", "y"), value: fc.nat(), step: fc.nat(50) }),
  fc.record({ kind: fc.constant("note"), level: fc.constantFrom("info", "error"), text: fc.string() }),
);

test("as of then it is what the events up to then come to", () => {
  fc.assert(
    fc.property(fc.array(kinds, { maxLength: 60 }), fc.nat(70), (some, t) => {
      const { history, events } = happened(...some.map((event, t) => ({ t, ...event })));
      const then = nothing();
      for (const event of events) if (event.t <= t) fold(then, event);
      const { tasks, metrics, notes, counts } = history.at(t);
      expect([...tasks.values()]).toEqual([...then.tasks.values()]);
      expect({ notes, counts }).toEqual({ notes: then.notes, counts: then.counts });
      expect([...metrics.values()].map(({ name, times, values }) => ({ name, times, values }))).toEqual(
        [...then.metrics.values()].map(({ name, times, values }) => ({ name, times, values })),
      );
    }),
  );
});

test("a long history is thinned, and its last state is exact", () => {
  const { history } = happened(
    ...Array.from({ length: 10 * MOST }, (_, t) => ({ kind: "task", id: "a", t, current: t })),
  );
  expect(history.at(10 * MOST).tasks.get("a")?.current).toBe(10 * MOST - 1);
  const halfway = history.at(5 * MOST).tasks.get("a")?.current ?? 0;
  expect(Math.abs(halfway - 5 * MOST)).toBeLessThan(20);
});

test("sizes and gaps are kept with their places", () => {
  const { history } = happened(
    { kind: "resize", t: 1, at: 10, cols: 80, rows: 24 },
    { kind: "gap", t: 2, at: 20, bytes: 5 },
  );
  expect(history.changes).toMatchObject([
    { at: 10, kind: "resize", cols: 80, rows: 24 },
    { at: 20, kind: "gap" },
  ]);
});
