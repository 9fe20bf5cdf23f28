import { expect, test, vi } from "vitest";
import type { LogDocument } from "../log/document";
import { EMPTY } from "../log/rows";
import { t } from "../messages";
import { Copying } from "./copying";
import { say } from "./toast";

vi.mock("./toast", () => ({ say: vi.fn() }));

test("what can't be read is said, and can be copied again", async () => {
  const text = vi.fn().mockRejectedValueOnce(new Error("offline")).mockResolvedValue("all of it");
  const log = { text, count: 1, end: 9, offsetOf: () => 0, row: () => ({ ...EMPTY, kind: "loading" }) };
  const copying = new Copying(log as unknown as LogDocument);
  const span = { from: { row: 0, column: 0 }, to: { row: 0, column: 9 } };
  const setData = vi.fn();
  const copy = () =>
    copying.copy(span, { preventDefault() {}, clipboardData: { setData } } as unknown as ClipboardEvent);
  copy();
  await vi.waitFor(() => expect(say).toHaveBeenLastCalledWith(t.reading.notRead));
  copy();
  await vi.waitFor(() => expect(say).toHaveBeenLastCalledWith(t.reading.copyAgain));
  copy();
  expect(setData).toHaveBeenCalledWith("text/plain", "all of it");
});
