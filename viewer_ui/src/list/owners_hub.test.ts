import { afterEach, expect, test, vi } from "vitest";
import { OwnersHub, WrongKey } from "./owners_hub";

afterEach(() => vi.unstubAllGlobals());

test.each(["钥匙", "key\nX-More: 1", "a key"])("the key %j can be asked with, and is refused", async (key) => {
  vi.stubGlobal("location", { pathname: "/" });
  vi.stubGlobal("fetch", async (_: string, { headers }: RequestInit) => {
    expect(new Headers(headers).get("Authorization")).toMatch(/^Bearer [!-~]+$/);
    return new Response("", { status: 401 });
  });
  await expect(new OwnersHub(key).page()).rejects.toThrow(WrongKey);
});
