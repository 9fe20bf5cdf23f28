import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { findKey, keepKey, takeKey } from "./key";

/** A tab's own store, and its address. */
function visit(pathname: string, hash = ""): void {
  vi.stubGlobal("location", { pathname, hash });
}

beforeEach(() => {
  const kept = new Map<string, string>();
  vi.stubGlobal("sessionStorage", {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => void kept.set(name, value),
  });
  const replaceState = (_state: unknown, _title: string, address: string) => {
    const { pathname, hash } = new URL(address, "http://hub");
    visit(pathname, hash);
  };
  vi.stubGlobal("history", { replaceState });
});
afterEach(() => void vi.unstubAllGlobals());

test("hubs on one site have a key each", () => {
  visit("/one/r/abc");
  keepKey("of one");
  visit("/two/");
  expect(findKey()).toBeUndefined();
  keepKey("of two");
  visit("/one/");
  expect(findKey()).toBe("of one");
});

test("a key is taken out of the address, and what else is there stays", () => {
  visit("/r/abc", "#key=a%2Bb&L3");
  expect(takeKey()).toBe(true);
  expect(location.hash).toBe("#L3");
  expect(findKey()).toBe("a+b");
  expect(takeKey()).toBe(false);
});
