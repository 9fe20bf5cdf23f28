import { expect, test } from "vitest";
import { patiently } from "./patience";

test("what can't be had at first is asked for until it can", async () => {
  let asked = 0;
  const ask = async () => {
    if (++asked < 3) throw new Error("away");
    return asked;
  };
  expect(await patiently(ask, () => true)).toBe(3);
});

test("nobody is asked for what nobody wants any more", async () => {
  let asked = 0;
  const ask = async () => {
    asked++;
    throw new Error("away");
  };
  expect(await patiently(ask, () => asked < 2)).toBeUndefined();
  expect(asked).toBe(2);
});
