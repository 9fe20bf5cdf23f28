import { expect, test } from "vitest";
import { taskOf } from "./task";
import { amountWords, figure, percentWords, rateWords, secondsLeft, taskSentence, timeWords } from "./words";

const NUMBERS = { current: null, total: null, unit: null, rate: null };

test.each([
  [{ current: 3, total: 5 }, "3/5"],
  [{ current: 88 }, "88"],
  [{ total: 5 }, ""],
  [{ current: 12_000, total: 20_000, unit: "rows" }, "12,000/20,000"],
  [{ current: 1_200_000_000, total: 4_800_000_000, unit: "B" }, "1.2/4.8 GB"],
  [{ current: 900_000, total: 4_800_000, unit: "bytes" }, "900.0 kB/4.8 MB"],
  [{ current: 1_200_000, unit: "B" }, "1.2 MB"],
  [{ current: 1e300, total: 1e301 }, "1e300/1e301"],
])("the amount of %j is %s", (change, words) => expect(amountWords({ ...NUMBERS, ...change })).toBe(words));

test.each([
  [{ current: 1, rate: 14.23, unit: "it" }, "14.23 it/s"],
  [{ current: 1, rate: 20_000 }, "20,000/s"],
  [{ current: 1, rate: 1 / 240, unit: "epoch" }, "1 epoch/4 min"],
  [{ current: 1, rate: 0.4 }, "1/2.5 s"],
  [{ current: 1, rate: 3_100_000, unit: "B" }, "3.1 MB/s"],
  [{ rate: 1.5 }, "1.5 %/s"],
  [{ rate: 0.01 }, "0.6 %/min"],
  [{ current: 1, rate: 0 }, ""],
  [{ current: 1 }, ""],
])("the rate of %j is %s", (change, words) => expect(rateWords({ ...NUMBERS, ...change })).toBe(words));

test("what is left counts down from when it was said, and not below nothing", () => {
  const task = taskOf({ id: "x", t: 100, eta: 90, percent: 40, current: 2, total: 5, state: "running" }, undefined);
  expect(secondsLeft(task, 100)).toBe(90);
  expect(secondsLeft(task, 130)).toBe(60);
  expect(secondsLeft(task, 99)).toBe(90);
  expect(secondsLeft(task, 1000)).toBe(0);
  expect(secondsLeft({ ...task, state: "paused" }, 130)).toBe(null);
  expect(timeWords(task, 130)).toBe("ETA 1:00");
  expect(taskSentence(task, 130)).toBe("running, 40 %, 2/5, ETA 1:00");
});

test("without an ETA it is said how long it takes, and in the end how long it took", () => {
  const task = taskOf({ id: "x", t: 100, state: "indeterminate" }, undefined);
  expect(timeWords(task, 161)).toBe("1:01");
  expect(timeWords(taskOf({ t: 130, state: "done" }, task), 500)).toBe("0:30");
});

test("100 % is said of what is done alone", () => {
  expect(percentWords(99.99)).toBe("99 %");
  expect(percentWords(100)).toBe("100 %");
});

test.each([
  [0.333333, "0.3333"],
  [0.00001, "1e-5"],
  [1234.5, "1,235"],
  [3_400_000, "3.4M"],
  [-2, "-2"],
])("%d in few characters", (n, words) => expect(figure(n)).toBe(words));
