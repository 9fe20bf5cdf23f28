import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FOOT, ScrollSpace, TALLEST } from "./scroll_space";

const ROW = 20;
const VIEWPORT = 600;

/** A space as a view uses it: `draw` measures what is to be drawn and puts the bar where it belongs. */
class Reader extends ScrollSpace {
  constructor(
    rows: number,
    private heightOf: (index: number) => number = () => ROW,
  ) {
    super();
    this.rows = rows;
    this.viewport = VIEWPORT;
    this.even = heightOf(0) === heightOf(1);
    this.draw();
  }

  draw(): this {
    this.measure();
    this.settle(this.bar);
    return this;
  }

  measure(): void {
    const { first, last } = this.range();
    this.measured(
      first,
      Array.from({ length: last - first }, (_, i) => this.heightOf(first + i)),
    );
  }

  /** Where row `index` is on the screen, in px below its upper edge. */
  y(index: number): number {
    let y = -this.offset;
    for (let row = this.index; row < index; row++) y += this.heightOf(row);
    return y;
  }

  get place(): [number, number] {
    return [this.index, this.offset];
  }
}

describe("a log of even rows that fits a browser", () => {
  test("scrolls pixel by pixel, and ends at its end", () => {
    const log = new Reader(1000);
    log.scrolled(1234);
    expect(log.draw().place).toEqual([61, 14]);
    expect(log.bar).toBe(1234);
    expect(log.height).toBe(1000 * ROW + FOOT);
    log.toEnd();
    expect(log.draw().bar).toBe(1000 * ROW + FOOT - VIEWPORT);
    expect(log.atEnd).toBe(true);
  });

  test("draws what can be seen and a little more", () => {
    const log = new Reader(1000);
    log.moveTo(500);
    const { first, last } = log.draw().range();
    expect(first).toBeLessThan(500);
    expect(last).toBeGreaterThanOrEqual(530);
    expect(last - first).toBeLessThan(70);
  });

  test("keeps the place when rows come before it, not when they come after", () => {
    const log = new Reader(1000);
    log.moveTo(500, 7);
    log.draw().shift(100, 50);
    expect(log.draw().place).toEqual([550, 7]);
    log.shift(600, 50);
    expect(log.draw().place).toEqual([550, 7]);
  });

  test("keeps it when the browser tells late of where the bar was put before", () => {
    const log = new Reader(1000);
    log.moveTo(500);
    log.draw().shift(100, 50);
    log.scrolled(500 * ROW);
    expect([log.index, log.offset]).toEqual([550, 0]);
  });

  test("has nowhere to go when it is shorter than the view", () => {
    const log = new Reader(3);
    log.moveBy(100);
    expect(log.draw().place).toEqual([0, 0]);
    expect(log.above + log.below).toBe(0);
    expect(log.atEnd).toBe(true);
  });

  test("is nothing when there are no rows", () => {
    const log = new Reader(0);
    log.toEnd();
    expect(log.draw().range()).toEqual({ first: 0, last: 0 });
    expect(log.height).toBe(VIEWPORT);
  });
});

describe("rows of any height", () => {
  const heights = (index: number) => ROW * (1 + ((index * 7) % 5));

  test("move by what a step says, through rows never seen before", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -1200, max: 1200 }), { maxLength: 60 }), (steps) => {
        const log = new Reader(500, heights);
        log.moveTo(250);
        log.draw();
        for (const step of steps) {
          const before = log.y(499);
          log.moveBy(step);
          log.draw();
          const inside = log.above > 0 && log.below > 0;
          if (inside) expect(log.y(499)).toBe(before - step);
        }
      }),
    );
  });

  test("end with the last row at the bottom", () => {
    const log = new Reader(500, heights);
    log.toEnd();
    log.draw();
    expect(log.y(499) + heights(499) + FOOT).toBe(VIEWPORT);
  });

  test("never leave the bar without a way to what is there", () => {
    const log = new Reader(500, heights);
    let seen = 0;
    for (let turn = 0; turn < 1000 && !log.atEnd; turn++) {
      log.scrolled(Math.min(log.bar + 100, log.height - VIEWPORT));
      log.draw();
      expect(log.index).toBeGreaterThanOrEqual(seen);
      seen = log.index;
    }
    expect(log.atEnd).toBe(true);
    for (let turn = 0; turn < 1000 && log.above > 0; turn++) {
      log.scrolled(Math.max(0, log.bar - 100));
      log.draw();
    }
    expect(log.place).toEqual([0, 0]);
  });

  test("that shrink leave no room below", () => {
    let tall = 100;
    const log = new Reader(100, (index) => (index === 50 ? tall * ROW : ROW));
    log.even = false;
    log.moveTo(50, 99 * ROW);
    log.draw();
    tall = 1;
    log.measure();
    expect(log.filled).toBe(false);
    log.measure();
    expect(log.filled).toBe(true);
  });
});

describe("a log of ten million lines", () => {
  const rows = 10_000_000;

  test("is no taller than browsers can do, and ends at its last line", () => {
    const log = new Reader(rows);
    expect(log.height).toBe(TALLEST);
    log.toEnd();
    expect(log.draw().range().last).toBe(rows);
    expect(log.bar).toBe(TALLEST - VIEWPORT);
  });

  test("reaches every part by dragging the bar", () => {
    const log = new Reader(rows);
    log.scrolled((TALLEST - VIEWPORT) / 2);
    expect(log.draw().index).toBeCloseTo(rows / 2, -2);
    log.scrolled(TALLEST - VIEWPORT);
    expect(log.draw().atEnd).toBe(true);
    log.scrolled(0);
    expect(log.draw().place).toEqual([0, 0]);
  });

  test("moves by what small steps say", () => {
    const log = new Reader(rows);
    log.moveTo(rows / 2);
    log.draw().scrolled(log.bar + 100);
    expect(log.draw().place).toEqual([rows / 2 + 5, 0]);
  });

  test("has room for steps until the very end", () => {
    const log = new Reader(rows);
    log.moveTo(100);
    log.draw();
    expect(log.bar).toBeGreaterThan(VIEWPORT);
    log.moveTo(rows - 131);
    log.draw();
    expect(log.height - VIEWPORT - log.bar).toBeGreaterThan(VIEWPORT);
  });
});
