import { expect, test } from "vitest";
import { Hole } from "../log/hole";
import { Tail } from "./tail";

const bytes = (length: number) => new Uint8Array(length).fill(7);

test("keeps what came last, to be read from any offset in it", () => {
  const tail = new Tail();
  tail.push(0, bytes(600_000));
  tail.push(600_000, bytes(600_000));
  expect(tail.end).toBe(1_200_000);
  expect(tail.from(0)).toBeUndefined();
  expect(tail.from(1_199_990)?.length).toBe(10);
  expect(tail.from(1_200_000)).toBeUndefined();
});

test("keeps nothing twice, and nothing before what is missing", () => {
  const tail = new Tail();
  tail.push(0, bytes(10));
  tail.push(5, bytes(5));
  expect(tail.end).toBe(10);
  tail.push(20, bytes(5));
  expect([tail.from(5), tail.from(20)?.length]).toEqual([undefined, 5]);
  tail.push(25, new Hole(5));
  expect([tail.end, tail.from(20)]).toEqual([30, undefined]);
});
