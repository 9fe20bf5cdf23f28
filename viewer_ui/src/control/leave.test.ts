import { expect, test } from "vitest";
import type { Session } from "../feed/session";
import { may } from "./leave";

const RUN = { state: "running", ended: null, control: "all", pty: true };

/** Whether a visitor with this link may type. */
function mayType(run: object, role: string, refused?: string): boolean {
  return may({ run: { ...RUN, ...run }, role, status: { refused } } as unknown as Session, "type");
}

test.each([
  [{}, "type", undefined, true],
  [{}, "control", undefined, false],
  [{ control: "stop" }, "owner", undefined, false],
  [{ pty: false }, "owner", undefined, false],
  [{ state: "failed", ended: 7 }, "owner", undefined, false],
  [{}, "owner", "bad_link", false],
  [{}, "owner", "unavailable", true],
])("of %j, with a link to %s that the hub calls %s, may be typed: %s", (run, role, refused, allowed) => {
  expect(mayType(run, role, refused)).toBe(allowed);
});
