import { expect, test } from "vitest";
import type { ListedLink } from "../protocol";
import { hasEnded, Order } from "./order";

function link(id: string, changes: Partial<ListedLink> = {}): ListedLink {
  return { id, role: "view", label: id, created: 0, expires: null, revoked: null, watching: 0, ...changes };
}

test("what has ended comes last, and what ends meanwhile stays where it is", () => {
  const order = new Order();
  const ids = (...links: ListedLink[]) => order.of(links, 100).map(({ id }) => id);
  expect(ids(link("old", { revoked: 5 }), link("past", { expires: 99 }), link("a"), link("b"))).toEqual([
    "a",
    "b",
    "old",
    "past",
  ]);
  expect(ids(link("old", { revoked: 5 }), link("a", { revoked: 100 }), link("b"), link("new"))).toEqual([
    "a",
    "b",
    "new",
    "old",
  ]);
});

test.each([
  [{}, false],
  [{ revoked: 1 }, true],
  [{ expires: 100 }, true],
  [{ expires: 101 }, false],
])("at 100, %j has ended: %s", (changes, ended) => expect(hasEnded(link("a", changes), 100)).toBe(ended));
