import { describe, expect, test } from "vitest";
import { ROW, ScrollSpace, TALLEST } from "./scroll_space";

function space(rows: number): ScrollSpace {
  const space = new ScrollSpace();
  space.rows = rows;
  space.viewport = 600;
  return space;
}

describe("a log that fits a browser", () => {
  test("scrolls pixel by pixel", () => {
    const log = space(1000);
    log.scrolled(1234);
    expect(log.top).toBe(1234);
    expect(log.bar).toBe(1234);
    expect(log.y(100)).toBe(100 * ROW);
  });

  test("draws what can be seen and a little more", () => {
    const log = space(1000);
    log.moveTo(500 * ROW);
    const { first, last } = log.range();
    expect(first).toBeLessThan(500);
    expect(last).toBeGreaterThanOrEqual(530);
    expect(last - first).toBeLessThan(60);
  });

  test("keeps the place when rows come before it, not when they come after", () => {
    const log = space(1000);
    log.scrolled(500 * ROW + 7);
    log.shift(100, 50);
    expect(log.top).toBe(550 * ROW + 7);
    log.shift(600, 50);
    expect(log.top).toBe(550 * ROW + 7);
  });

  test("keeps it when the browser tells late of where the bar was put before", () => {
    const log = space(1000);
    log.scrolled(500 * ROW);
    log.shift(100, 50);
    log.scrolled(500 * ROW);
    expect(log.top).toBe(550 * ROW);
    log.scrolled(500 * ROW - 30);
    expect(log.top).toBe(550 * ROW - 30);
  });
});

describe("a log of ten million lines", () => {
  const rows = 10_000_000;

  test("is no taller than browsers can do, and ends at its last line", () => {
    const log = space(rows);
    expect(log.height).toBe(TALLEST);
    log.moveTo(Number.POSITIVE_INFINITY);
    expect(log.range().last).toBe(rows);
    expect(log.bar).toBe(TALLEST - log.viewport);
  });

  test("reaches every part by dragging the bar", () => {
    const log = space(rows);
    log.scrolled((TALLEST - 600) / 2);
    expect(Math.round(log.top / ROW)).toBeCloseTo(rows / 2, -2);
  });

  test("moves by what small steps say", () => {
    const log = space(rows);
    log.moveTo((rows / 2) * ROW);
    log.settle(log.bar);
    const { top, bar } = log;
    log.scrolled(bar + 100);
    expect(log.top).toBe(top + 100);
    expect(log.stuck).toBe(false);
  });

  test("knows when the bar is at its end and the log isn't", () => {
    const log = space(rows);
    log.moveTo(2000);
    log.settle(50);
    log.scrolled(0);
    expect(log.top).toBe(1950);
    expect(log.stuck).toBe(true);
    log.settle(log.bar);
    expect(log.stuck).toBe(false);
  });
});
