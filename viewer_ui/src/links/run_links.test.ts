import { afterEach, expect, test, vi } from "vitest";
import { addLink, listLinks, Refused } from "./run_links";

afterEach(() => vi.unstubAllGlobals());

/** A hub that answers so. */
function answering(body: string, init?: ResponseInit): void {
  vi.stubGlobal("location", { pathname: "/r/owner" });
  vi.stubGlobal("fetch", async () => new Response(body, init));
}

/** One that calls the token of a new link this. */
function telling(token: unknown): void {
  answering(JSON.stringify({ token }));
}

test("a new link is the token that the hub tells", async () => {
  telling("A".repeat(24));
  expect(await addLink("view", "", null)).toBe("A".repeat(24));
});

test.each(["https://elsewhere.example/", "//elsewhere.example", "../../x", 7, undefined])(
  "%j is none",
  async (token) => {
    telling(token);
    await expect(addLink("view", "", null)).rejects.toThrow();
  },
);

test("what the hub refuses is said in its words, not in those of a proxy before it", async () => {
  answering("Not now.\n", { status: 503, headers: { "Content-Type": "text/plain; charset=utf-8" } });
  expect(await listLinks().catch((error) => error)).toEqual(new Refused("Not now."));
  answering("<h1>502 Bad Gateway</h1>", { status: 502, headers: { "Content-Type": "text/html" } });
  expect(await listLinks().catch((error) => error)).not.toBeInstanceOf(Refused);
});
