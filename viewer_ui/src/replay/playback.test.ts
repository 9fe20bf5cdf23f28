import { expect, test, vi } from "vitest";
import { Playback } from "./playback";

/** A run that wrote 10 bytes at each of these seconds, told in parts of so many marks. */
function run(times: number[], part = times.length) {
  const asked: string[] = [];
  const marks = times.map((t, i) => [i * 10, t, 1] as const);
  const json = async <T>(path: string): Promise<T> => {
    asked.push(path);
    const from = Number(new URLSearchParams(path.split("?")[1]).get("from"));
    const first = Math.floor(from / 10);
    return { marks: marks.slice(first, first + part), to: Math.min(first + part, times.length) * 10 } as T;
  };
  const end = { t: (times.at(-1) ?? 0) + 100, offset: times.length * 10 };
  return { playback: new Playback({ json }, { t: 0, offset: 0 }, () => end), asked, end };
}

const told = () => new Promise((resolve) => setTimeout(resolve));

/** Every moment that is shown, twenty a second, until the end or `seconds` are over. */
async function played({ playback, end }: ReturnType<typeof run>, speed: number, seconds = 100) {
  const moments = [];
  for (let i = 0; i < seconds * 20 && (moments.at(-1)?.t ?? 0) < end.t; i++) {
    moments.push(playback.advance(0.05, speed));
    await told();
  }
  return moments;
}

test("shows output when it was written", async () => {
  const moments = await played(run([0.5, 1, 1.2, 2]), 1);
  const shown = (t: number) => moments.find((moment) => moment.t >= t)?.offset;
  expect([0.4, 0.6, 1.1, 1.3, 2.05].map(shown)).toEqual([0, 10, 20, 30, 40]);
  expect(moments.every(({ t }, i) => t >= (moments[i - 1]?.t ?? 0))).toBe(true);
});

test.each([1, 50])("no silence takes longer than a second, at %d×", async (speed) => {
  const moments = await played(run([0, 1000, 5000]), speed);
  expect(moments.length / 20).toBeLessThan(4);
  expect(moments.at(-1)).toMatchObject({ offset: 30 });
});

test("is as many times faster as is asked", async () => {
  const steady = Array.from({ length: 400 }, (_, i) => i / 10);
  const moments = await played(run(steady), 10, 3);
  expect(moments.at(-1)?.t).toBeGreaterThan(25);
  expect(moments.at(-1)?.t).toBeLessThan(31);
});

test("asks for times in parts, shortly before they are needed, and waits for them", async () => {
  const it = run(
    Array.from({ length: 100 }, (_, i) => i),
    10,
  );
  await played(it, 1, 12);
  expect(it.asked.length).toBeLessThan(4);
  const moments = await played(it, 50, 60);
  expect(moments.at(-1)).toEqual({ t: 199, offset: 1000 });
});

test("a hub that is away is not asked with every step", async () => {
  const json = vi.fn().mockRejectedValue(new Error("away"));
  const playback = new Playback({ json }, { t: 0, offset: 0 }, () => ({ t: 10, offset: 30 }));
  vi.spyOn(Math, "random").mockReturnValue(0.5);
  for (let i = 0; i < 50; i++) {
    playback.advance(0.01, 1);
    await told();
  }
  expect(json.mock.calls.length).toBeLessThan(5);
  vi.restoreAllMocks();
});
