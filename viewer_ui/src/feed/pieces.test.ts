import { afterEach, expect, test, vi } from "vitest";
import { search } from "../search/found";
import { Hub } from "./hub";

afterEach(() => vi.unstubAllGlobals());

const line = new TextEncoder().encode('{"to":1}\n');

/** A hub whose answer never ends; whether nobody wants more of it. */
function endless(): () => boolean {
  let cancelled = false;
  const body = new ReadableStream({
    pull: (controller) => controller.enqueue(line),
    cancel: () => {
      cancelled = true;
    },
  });
  vi.stubGlobal("location", { pathname: "/r/token" });
  vi.stubGlobal("fetch", async () => new Response(body));
  return () => cancelled;
}

test.each([
  ["output", () => new Hub("token").output(0, 100)],
  ["events", () => new Hub("token").events(0)],
  ["a search", () => search({ text: "a", case: false, regex: false }, { from: 0 })],
] as const)("what is left of %s is not sent when no more is wanted", async (_, asked) => {
  const isCancelled = endless();
  for await (const piece of asked() as AsyncIterable<unknown>) if (piece) break;
  expect(isCancelled()).toBe(true);
});

test("a body that fails fails once", async () => {
  const body = new ReadableStream({ pull: (controller) => controller.error(new Error("cut off")) });
  vi.stubGlobal("location", { pathname: "/r/token" });
  vi.stubGlobal("fetch", async () => new Response(body));
  await expect(new Hub("token").output(0, 100).next()).rejects.toThrow("cut off");
});
