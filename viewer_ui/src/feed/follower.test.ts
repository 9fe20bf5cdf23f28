import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { Hole, type Stretch } from "../log/hole";
import { Follower } from "./follower";

const TRUTH = Uint8Array.from({ length: 5000 }, (_, i) => (i * 7919) >> 3);

/** A hub that has the truth up to `end`, and whose answers fail now and then, midway or at once. */
class Hub {
  end = 0;
  fetched = 0;
  constructor(private failures: boolean[] = []) {}

  async *fetch(from: number, to: number): AsyncGenerator<Uint8Array> {
    this.fetched++;
    if (this.failures.shift()) throw new Error("refused");
    for (let at = from; at < Math.min(to, this.end); at += 100) {
      yield TRUTH.subarray(at, Math.min(at + 100, to, this.end));
      if (this.failures.shift()) throw new Error("cut off");
    }
  }
}

function follow(hub: Hub, from = 0) {
  const taken: number[] = [];
  const caughtUp = vi.fn();
  const trouble = vi.fn();
  const follower = new Follower<Uint8Array>(from, {
    fetch: (at, to) => hub.fetch(at, to),
    take: async (at, piece) => {
      expect(at).toBe(from + taken.length);
      taken.push(...piece);
    },
    caughtUp,
    trouble,
  });
  return { follower, taken, caughtUp, trouble };
}

const settled = (condition: () => void) => vi.waitFor(condition, { timeout: 5000, interval: 1 });

describe("a follower", () => {
  test("takes what fits, skips what is there, and asks for nothing", async () => {
    const hub = new Hub();
    const { follower, taken, caughtUp } = follow(hub);
    follower.push(0, TRUTH.subarray(0, 10));
    follower.push(0, TRUTH.subarray(0, 10));
    follower.push(5, TRUTH.subarray(5, 20));
    await settled(() => expect(taken).toEqual([...TRUTH.subarray(0, 20)]));
    expect(hub.fetched).toBe(0);
    expect(caughtUp).not.toHaveBeenCalled();
  });

  test("fetches what is missing before a piece, and says when it has caught up", async () => {
    const hub = new Hub();
    hub.end = 300;
    const { follower, taken, caughtUp } = follow(hub);
    follower.push(200, TRUTH.subarray(200, 300));
    await settled(() => expect(caughtUp).toHaveBeenCalledTimes(1));
    expect(taken).toEqual([...TRUTH.subarray(0, 300)]);
  });

  test("fetches on a hint, from where it began", async () => {
    const hub = new Hub();
    hub.end = 1000;
    const { follower, taken } = follow(hub, 400);
    follower.grown(1000);
    await settled(() => expect(taken).toEqual([...TRUTH.subarray(400, 1000)]));
    expect(follower.behind).toBe(0);
  });

  test("answers a hint that tells it nothing new: the hub would not hint again", async () => {
    const { follower, taken, caughtUp } = follow(new Hub());
    follower.push(0, TRUTH.subarray(0, 100));
    await settled(() => expect(taken.length).toBe(100));
    expect(caughtUp).not.toHaveBeenCalled();
    follower.hinted(60);
    await settled(() => expect(caughtUp).toHaveBeenCalledTimes(1));
  });

  test("keeps what came before an answer was cut off, and tries again", async () => {
    const hub = new Hub([true, false, true]);
    hub.end = 1000;
    const { follower, taken, trouble } = follow(hub);
    follower.grown(1000);
    await settled(() => expect(taken).toEqual([...TRUTH.subarray(0, 1000)]));
    expect(trouble).toHaveBeenCalledWith(expect.any(Error));
    expect(trouble).toHaveBeenLastCalledWith(undefined);
  });

  test("drops pushed pieces while too many wait, and fetches them later", async () => {
    const large = new Uint8Array(3 * 1024 * 1024).map((_, i) => i >> 10);
    let length = 0;
    const follower = new Follower<Uint8Array>(0, {
      fetch: async function* (from, to) {
        yield large.subarray(from, to);
      },
      take: async (at, piece) => {
        expect(at).toBe(length);
        await new Promise((resolve) => setTimeout(resolve));
        length += piece.length;
      },
    });
    for (let at = 0; at < large.length; at += 65536) follower.push(at, large.subarray(at, at + 65536));
    expect(follower.have).toBeLessThan(large.length / 2);
    await settled(() => expect(length).toBe(large.length));
  });

  test("goes on behind a hole, also one that reaches beyond what it knew of", async () => {
    const taken: [number, Stretch][] = [];
    const follower = new Follower<Stretch>(0, {
      fetch: async function* (from, to) {
        if (from < 100) yield TRUTH.subarray(from, Math.min(to, 100));
        else if (from < 300) yield new Hole(300 - from);
        else yield TRUTH.subarray(from, to);
      },
      take: async (at, piece) => void taken.push([at, piece]),
    });
    follower.grown(200);
    await settled(() => expect(follower.have).toBe(300));
    expect(follower.behind).toBe(0);
    follower.push(290, TRUTH.subarray(290, 400));
    await settled(() => expect(follower.have).toBe(400));
    expect(taken).toEqual([
      [0, TRUTH.subarray(0, 100)],
      [100, new Hole(200)],
      [300, TRUTH.subarray(300, 400)],
    ]);
  });

  test("takes the rest of a hole of which some was pushed meanwhile", async () => {
    const taken: [number, number][] = [];
    let answer: () => void = () => {};
    const follower = new Follower<Stretch>(0, {
      fetch: async function* (from) {
        await new Promise<void>((resolve) => {
          answer = resolve;
        });
        yield new Hole(100 - from);
      },
      take: async (at, piece) => void taken.push([at, piece.length]),
    });
    follower.grown(100);
    follower.push(0, TRUTH.subarray(0, 30));
    answer();
    await settled(() =>
      expect(taken).toEqual([
        [0, 30],
        [30, 70],
      ]),
    );
  });

  test("stops", async () => {
    const hub = new Hub(Array(100).fill(true));
    hub.end = 100;
    const { follower, taken } = follow(hub);
    follower.grown(100);
    follower.stop();
    follower.push(0, TRUTH.subarray(0, 10));
    expect(taken).toEqual([]);
  });

  const message = fc.oneof(
    fc.record({ at: fc.nat(4999), length: fc.integer({ min: 1, max: 400 }) }),
    fc.record({ grown: fc.nat(5000) }),
  );

  test("ends with the truth whatever is lost, repeated or out of order", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(message, { maxLength: 40 }), async (messages) => {
        const hub = new Hub();
        hub.end = TRUTH.length;
        const { follower, taken } = follow(hub);
        for (const said of messages) {
          if ("grown" in said) follower.grown(said.grown);
          else follower.push(said.at, TRUTH.subarray(said.at, said.at + said.length));
          await Promise.resolve();
        }
        follower.grown(TRUTH.length);
        await settled(() => expect(taken.length).toBe(TRUTH.length));
        expect(taken).toEqual([...TRUTH]);
      }),
      { numRuns: 100 },
    );
  });
});
