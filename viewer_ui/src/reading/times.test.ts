import { expect, test } from "vitest";
import { sincePrevious, sinceStart, timeOfDay, widthOf } from "./times";

test("times since the start have milliseconds", () => {
  expect(sinceStart(0)).toBe("+0:00.000");
  expect(sinceStart(759.12)).toBe("+12:39.120");
  expect(sinceStart(59.9996)).toBe("+1:00.000");
  expect(sinceStart(3 * 3600 + 61.5)).toBe("+3:01:01.500");
});

test("times of day are this place's", () => {
  const noon = new Date(2026, 5, 1, 12, 34, 56, 7).getTime() / 1000;
  expect(timeOfDay(noon)).toBe("12:34:56.007");
});

test("times since the line before say only what there is to say", () => {
  expect(sincePrevious(0.0001)).toBe("");
  expect(sincePrevious(0.25)).toBe("+0.250");
  expect(sincePrevious(252)).toBe("+4:12.000");
});

test("the column is wide enough from the start", () => {
  expect(widthOf("relative", 5)).toBe("+10:00.000".length);
  expect(widthOf("relative", 40_000)).toBe("+11:06:40.000".length);
  expect(widthOf("absolute", 5)).toBe("12:34:56.007".length);
});
