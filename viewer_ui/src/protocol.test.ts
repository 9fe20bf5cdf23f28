import { expect, test } from "vitest";
import { atLeast, ROLES } from "./protocol";

test.each(ROLES.map((role, place) => [role, place] as const))(
  "%s allows what those before it do, no more",
  (role, place) => {
    expect(ROLES.filter((wanted) => atLeast(role, wanted))).toEqual(ROLES.slice(0, place + 1));
  },
);

test.each(["", "admin", "View"])("%j is no role and allows nothing", (role) => {
  expect(ROLES.filter((wanted) => atLeast(role, wanted))).toEqual([]);
});
