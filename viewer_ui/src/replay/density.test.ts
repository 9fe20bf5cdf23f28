import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Densities, Density } from "./density";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A density whose answers come when they are called, with the duration that they tell of, or as a failure. */
function asked() {
  const answers: { tell: (duration: number) => void; fail: () => void }[] = [];
  const json = <T>() =>
    new Promise<T>((resolve, reject) => {
      const tell = (duration: number) => resolve({ duration, bytes: [], silences: [] } satisfies Densities as T);
      answers.push({ tell, fail: () => reject(new Error()) });
    });
  return { density: new Density({ json }), answers };
}

test("what a run that is over came to is shown, whatever was asked before", async () => {
  const { density, answers } = asked();
  void density.update({ t: 100, offset: 10 }, false);
  void density.update({ t: 103, offset: 10 }, true);
  answers[1]?.tell(103);
  answers[0]?.tell(100);
  await vi.advanceTimersByTimeAsync(0);
  void density.update({ t: 103, offset: 10 }, true);
  answers[1]?.tell(103);
  await vi.advanceTimersByTimeAsync(0);
  expect(density.shown.duration).toBe(103);
});

test("output that comes after the end of its run is asked for, now and then", async () => {
  const { density, answers } = asked();
  void density.update({ t: 100, offset: 10 }, true);
  answers[0]?.tell(100);
  await vi.advanceTimersByTimeAsync(0);
  void density.update({ t: 100, offset: 20 }, true);
  expect(answers.length).toBe(1);
  await vi.advanceTimersByTimeAsync(2000);
  void density.update({ t: 100, offset: 10 }, true);
  expect(answers.length).toBe(1);
  void density.update({ t: 100, offset: 20 }, true);
  expect(answers.length).toBe(2);
});

test("what could not be had is asked for again", async () => {
  const { density, answers } = asked();
  const first = density.update({ t: 100, offset: 10 }, true);
  answers[0]?.fail();
  expect(await first).toBe(false);
  void density.update({ t: 100, offset: 10 }, true);
  expect(answers.length).toBe(2);
});
