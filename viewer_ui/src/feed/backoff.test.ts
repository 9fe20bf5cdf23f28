import { expect, test, vi } from "vitest";
import { Backoff } from "./backoff";

test("waits up to twice as long each time, ten seconds at most, and short again after success", () => {
  const backoff = new Backoff();
  const longest = Array.from({ length: 8 }, () => backoff.next(() => 1));
  expect(longest).toEqual([250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
  backoff.reset();
  expect(backoff.next(() => 1)).toBe(250);
});

test("is woken", async () => {
  vi.useFakeTimers();
  const backoff = new Backoff();
  const waited = backoff.wait();
  backoff.wake();
  await waited;
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});
