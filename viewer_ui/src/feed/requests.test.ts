import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { stepOf } from "../control/steps";
import { CONTROL_ID_PATTERN, type ControlRequest, type ControlState, type RunEvent } from "../protocol";
import { Requests } from "./requests";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Requests whose messages are kept, and how the runner answers the last of them. */
function made() {
  const sent: ControlRequest[] = [];
  const requests = new Requests(
    (request) => void sent.push(request),
    () => {},
  );
  const answer = (state: ControlState) => {
    const { id, do: done } = sent.at(-1) as ControlRequest;
    const event = { seq: 0, t: 0, at: 0, kind: "control", id, do: done, by: "ada", state, signal: "INT" };
    const step = stepOf(event as unknown as RunEvent);
    if (step) requests.step(step);
  };
  return { requests, sent, answer };
}

test("what is not answered is asked again with the same id", () => {
  const { requests, sent, answer } = made();
  requests.ask({ do: "pause" });
  requests.connected();
  expect(sent).toEqual([sent[0], sent[0]]);
  expect(sent[0]?.id).toMatch(new RegExp(CONTROL_ID_PATTERN));
  requests.result({ id: sent[0]?.id ?? "", state: "forwarded" });
  requests.connected();
  expect(sent.length).toBe(3);
  answer("delivered");
  requests.connected();
  expect(sent.length).toBe(3);
});

test("what was said before is said again until a job that is out of reach for a moment is back", () => {
  const { requests, sent, answer } = made();
  requests.ask({ do: "stop" });
  requests.result({ id: sent[0]?.id ?? "", state: "forwarded" });
  requests.connected();
  requests.result({ id: sent[0]?.id ?? "", state: "refused", reason: "away" });
  expect(requests.shown?.state).toBe("forwarded");
  vi.advanceTimersByTime(1500);
  expect(sent).toEqual([sent[0], sent[0], sent[0]]);
  requests.result({ id: sent[0]?.id ?? "", state: "refused", reason: "away" });
  answer("delivered");
  vi.advanceTimersByTime(1500);
  expect(sent.length).toBe(3);
});

test("what the hub refuses is not asked again, and told for a while", () => {
  const { requests, sent } = made();
  requests.ask({ do: "pause" });
  requests.result({ id: sent[0]?.id ?? "", state: "refused", reason: "away" });
  requests.connected();
  expect(sent.length).toBe(1);
  expect(requests.shown).toMatchObject({ state: "refused", reason: "away" });
  vi.advanceTimersByTime(10_000);
  expect(requests.shown).toBeUndefined();
});

test("a second click is the same stop, one after a while the next step", () => {
  const { requests, sent, answer } = made();
  requests.ask({ do: "stop" });
  requests.ask({ do: "stop" });
  answer("accepted");
  requests.ask({ do: "stop" });
  answer("delivered");
  requests.ask({ do: "stop" });
  expect(sent.length).toBe(1);
  vi.advanceTimersByTime(1500);
  requests.ask({ do: "stop" });
  expect(new Set(sent.map(({ id }) => id)).size).toBe(2);
});

test("what is dismissed is not asked again", () => {
  const { requests, sent } = made();
  requests.ask({ do: "stop" });
  requests.dismiss();
  requests.connected();
  expect([sent.length, requests.shown]).toEqual([1, undefined]);
});

test("what nobody answers is given up after a minute", () => {
  const { requests, sent } = made();
  requests.ask({ do: "stop" });
  vi.advanceTimersByTime(59_000);
  expect(requests.shown).toMatchObject({ state: "sent" });
  vi.advanceTimersByTime(1000);
  expect(requests.shown).toMatchObject({ state: "refused", reason: "away" });
  requests.connected();
  expect(sent.length).toBe(1);
});

test("so it is by a machine that has slept, whose timers stood still", () => {
  const { requests, sent } = made();
  requests.ask({ do: "stop" });
  vi.setSystemTime(Date.now() + 60_000);
  requests.connected();
  expect(requests.shown).toMatchObject({ state: "refused", reason: "away" });
  expect(sent.length).toBe(1);
});
