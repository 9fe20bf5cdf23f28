import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fragmentOf, type Place, placeOf, withPlace } from "./place";

test.each<[string, Place | undefined]>([
  ["#L120", { first: 120, last: 120 }],
  ["#L120-L140", { first: 120, last: 140 }],
  ["#L140-120", { first: 120, last: 140 }],
  ["#L0", { first: 1, last: 1 }],
  ["#t=12:34", { time: 754 }],
  ["#t=1:02:03.5", { time: 3723.5 }],
  ["#t=90", { time: 90 }],
  ["#key=secret&L7", { first: 7, last: 7 }],
  ["", undefined],
  ["#", undefined],
  ["#L", undefined],
  ["#L12x", undefined],
  ["#t=", undefined],
  ["#t=1:2:3:4", undefined],
  [`#L${"9".repeat(400)}`, undefined],
])("%s names a place or none", (fragment, place) => {
  expect(placeOf(fragment)).toEqual(place);
});

describe("a place", () => {
  test("is found again in what was written of it", () => {
    const lines = fc
      .tuple(fc.integer({ min: 1, max: 1e9 }), fc.nat(1e6))
      .map(([first, more]) => ({ first, last: first + more }));
    const time = fc.nat(1e9).map((thousandths) => ({ time: thousandths / 1000 }));
    fc.assert(
      fc.property(fc.oneof(lines, time), (place) => {
        const found = placeOf(fragmentOf(place));
        if ("time" in place) expect((found as { time: number }).time).toBeCloseTo(place.time, 3);
        else expect(found).toEqual(place);
      }),
    );
  });

  test("takes the place of another, and leaves alone what isn't one", () => {
    expect(withPlace("#key=secret&L7", { first: 8, last: 9 })).toBe("#L8-L9&key=secret");
    expect(withPlace("#t=0:10", { first: 8, last: 8 })).toBe("#L8");
    expect(withPlace("", { time: 60 })).toBe("#t=1:00");
  });

  test("is let go of", () => {
    expect(withPlace("#L8&key=secret", undefined)).toBe("#key=secret");
    expect(withPlace("#L8", undefined)).toBe("");
  });
});
