import { afterEach, expect, test, vi } from "vitest";
import type { Part } from "./part";
import { PartReader } from "./part_reader";

afterEach(() => void vi.useRealTimers());

test("what nobody looks at any more makes way, however long the same part is looked at instead", async () => {
  vi.useFakeTimers();
  const begun: Part[] = [];
  const read = (part: Part, signal: AbortSignal) => {
    begun.push(part);
    return new Promise<void>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  };
  const reader = new PartReader(read, () => {});
  const parts = [{}, {}, {}] as [Part, Part, Part];
  reader.want(parts[0]);
  reader.want(parts[1]);
  await vi.advanceTimersByTimeAsync(16);
  expect(begun).toHaveLength(2);
  for (let frame = 0; frame < 30; frame++) {
    reader.want(parts[2]);
    await vi.advanceTimersByTimeAsync(16);
  }
  expect(begun.at(-1)).toBe(parts[2]);
});
