import { expect, test } from "vitest";
import { Turns } from "./turns";

test("an answer is news though others were asked for meanwhile", () => {
  const turns = new Turns();
  const [first, second] = [turns.begin(), turns.begin()];
  turns.begin();
  expect([first(), second()]).toEqual([true, true]);
});

test("an answer that was overtaken is none", () => {
  const turns = new Turns();
  const [first, second, third] = [turns.begin(), turns.begin(), turns.begin()];
  expect([second(), first(), third()]).toEqual([true, false, true]);
});
