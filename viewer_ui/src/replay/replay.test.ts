import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Session } from "../feed/session";
import { Replay } from "./replay";

let frames: Map<number, FrameRequestCallback>;

beforeEach(() => {
  frames = new Map();
  let last = 0;
  vi.stubGlobal("requestAnimationFrame", (step: FrameRequestCallback) => frames.set(++last, step) && last);
  vi.stubGlobal("cancelAnimationFrame", (frame: number) => frames.delete(frame));
});
afterEach(() => vi.unstubAllGlobals());

/** An ended run of 100 seconds and a million bytes, whose hub says where a moment is when `answer` is called. */
function replayed() {
  const answers: ((answer: { at: number }) => void)[] = [];
  const json = (path: string) => {
    if (path.startsWith("at?")) return new Promise((resolve) => answers.push(resolve));
    return Promise.resolve({ entries: [], marks: [[0, 0, 1]], to: 1_000_000 });
  };
  const run = { size: 1_000_000, started: 0, ended: 100 };
  const session = { hub: { json }, run, time: 100, onOutput() {}, onChange: () => () => {} };
  const replay = new Replay(session as unknown as Session);
  const answer = async (at: number) => {
    answers.shift()?.({ at });
    await new Promise((resolve) => setTimeout(resolve));
  };
  return { replay, answer };
}

/** Lets the frame be drawn that is asked for. */
function draw(): void {
  const steps = [...frames.values()];
  frames.clear();
  for (const step of steps) step(performance.now() + 16);
}

test("a moment that is sought while playing goes on once its place is known", async () => {
  const { replay, answer } = replayed();
  replay.play();
  replay.seek(50);
  expect([replay.playing, frames.size]).toEqual([true, 0]);
  await answer(500_000);
  draw();
  expect([replay.playing, frames.size, Math.floor(replay.t)]).toEqual([true, 1, 50]);
});

test("who goes back to live while a moment is sought stays there", async () => {
  const { replay, answer } = replayed();
  replay.play();
  replay.seek(50);
  replay.live();
  await answer(500_000);
  expect([replay.active, replay.playing, frames.size]).toEqual([false, false, 0]);
});

test("a moment that is sought after going back to live stands still", async () => {
  const { replay, answer } = replayed();
  replay.play();
  replay.seek(50);
  replay.live();
  replay.seek(20);
  await answer(500_000);
  await answer(200_000);
  expect([replay.t, replay.offset, replay.playing, frames.size]).toEqual([20, 200_000, false, 0]);
});

test("who plays before the place of a moment is known plays from there", async () => {
  const { replay, answer } = replayed();
  replay.seek(10);
  replay.toggle();
  draw();
  expect([replay.t, replay.playing]).toEqual([10, true]);
  await answer(100_000);
  draw();
  expect([Math.floor(replay.t), replay.offset]).toEqual([10, 100_000]);
});

test("who pauses before the place of a moment is known sees it stand still", async () => {
  const { replay, answer } = replayed();
  replay.play();
  replay.seek(50);
  replay.toggle();
  await answer(500_000);
  expect([replay.t, replay.offset, replay.playing, frames.size]).toEqual([50, 500_000, false, 0]);
});

test("who plays after going back to live begins at the first moment, whatever was sought before", async () => {
  const { replay, answer } = replayed();
  replay.seek(50);
  replay.live();
  replay.play();
  await answer(500_000);
  draw();
  expect([Math.floor(replay.t), replay.offset, frames.size]).toEqual([0, 0, 1]);
});

test("what was drawn on before the output that came is asked for until it is known, and after every leap", async () => {
  const answers = [undefined, "\x1b[?1049h", undefined, ""];
  const json = async (path: string) => {
    asked.push(path);
    const modes = answers.shift();
    if (modes === undefined) throw new Error("away");
    return { entries: [[0, 0, 0, 0, "", modes]] };
  };
  const asked: string[] = [];
  let push: (at: number, data: Uint8Array) => void = () => {};
  const onOutput = (listener: typeof push) => {
    push = listener;
  };
  const session = { hub: { json }, status: {}, onOutput };
  const replay = new Replay(session as unknown as Session);
  push(2_000_000, new Uint8Array(10));
  await vi.waitFor(() => expect(replay.draws.now).toBe(true));
  push(2_000_010, new Uint8Array(10));
  push(9_000_000, new Uint8Array(10));
  await vi.waitFor(() => expect(replay.draws.now).toBe(false));
  expect(asked.map((path) => Number(path.split("=")[1]))).toEqual([951_424, 951_424, 7_951_424, 7_951_424]);
});
