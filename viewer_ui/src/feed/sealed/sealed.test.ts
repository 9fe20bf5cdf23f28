import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import type { Info, RunEvent } from "../../protocol";
import { type Hit, isHit, type Progress, Refused } from "../../search/found";
import { decodeBase64 } from "../base64";
import { castOf } from "./cast";
import { type Bytes, byLibrary, keyIn, type Open, openersFor } from "./cipher";
import { fileOf } from "./files";
import { find, linesOf } from "./find";
import { metricsCsv } from "./metrics_csv";
import { Plain } from "./plain";
import { Records, Tampered } from "./records";
import { sealedHub } from "./sealed_hub";
import { plainLine } from "./text";

interface Vectors {
  key: string;
  records: string;
  output: string;
  marks: [number, number, number][];
  sealed_events: RunEvent[];
  events: RunEvent[];
  sealed_meta: string;
  meta: Partial<Info>;
}

/** The same are opened by the runner's tests. */
const VECTORS: Vectors = JSON.parse(
  readFileSync(new URL("../../../../tests/vectors/sealed.json", import.meta.url), "utf8"),
);
const RECORDS = bytesOf(VECTORS.records);
const OUTPUT = bytesOf(VECTORS.output);
const FRAGMENT = `#L3&e2e=${VECTORS.key}`;
const TOLD = {
  id: "run",
  sealed: VECTORS.sealed_meta,
  size: RECORDS.length,
  started: 1,
  heard: 2,
  ended: null,
  limited: [],
} as unknown as Info;
const MIB = 1024 * 1024;

function bytesOf(text: string): Bytes {
  return new Uint8Array(decodeBase64(text));
}

function libraryOpener(): Promise<Open> {
  return byLibrary(bytesOf(VECTORS.key.replaceAll("-", "+").replaceAll("_", "/")), "output");
}

/** What records say that come in these pieces. */
async function read(open: Open, pieces: Uint8Array[]): Promise<Plain> {
  const [records, plain] = [new Records(open), new Plain()];
  for (const piece of pieces) for (const opened of await records.take(piece)) plain.append(opened);
  return plain;
}

function wholeOf(plain: Plain): number[] {
  return [...plain.read(0, plain.end)].flatMap((piece) => [...piece]);
}

async function hub() {
  const found = await sealedHub("token", TOLD, FRAGMENT);
  if (typeof found === "string") throw new Error(found);
  return found;
}

/** A store of this text, each line written a second after the one before. */
function storeOf(text: string): Plain {
  const plain = new Plain();
  let at = 0;
  for (const [n, line] of text.split(/(?<=\n)/).entries()) {
    const data = new TextEncoder().encode(line);
    plain.append({ data, marks: [[at, n, 1]] });
    at += data.length;
  }
  return plain;
}

describe("the key", () => {
  test.each([
    [FRAGMENT, VECTORS.key],
    [`${FRAGMENT}.`, VECTORS.key],
    [`#L7&${FRAGMENT.slice(1)}>`, VECTORS.key],
    [`${FRAGMENT}A`, undefined],
    ["#e2e=short", undefined],
    ["", undefined],
  ])("in %j", (fragment, key) => expect(keyIn(fragment)).toBe(key));

  test("is all that a run's facts are believed by", async () => {
    const forged = { name: "forged", command: ["forged"], cwd: "forged", host: "forged", user: "forged" };
    const beside = { tags: { a: "forged" }, git: { commit: "forged" }, environment: { ci: "forged" } };
    const told = { ...TOLD, ...forged, ...beside, tasks: [{ label: "forged" }], progress: { label: "forged" } };
    const facts = (await hub()).read(told as unknown as Info);
    expect(facts).toMatchObject(VECTORS.meta);
    expect(JSON.stringify(facts)).not.toContain("forged");
  });

  test("missing, or another's", async () => {
    expect(await sealedHub("token", TOLD, "")).toBe("no_key");
    expect(await sealedHub("token", TOLD, `#e2e=${"A".repeat(43)}`)).toBe("wrong_key");
  });
});

describe.each([
  ["the browser", async () => (await openersFor(VECTORS.key)).output],
  ["the library", libraryOpener],
])("output opened by %s", (_, opener) => {
  test("in pieces of any size", async () => {
    const open = await opener();
    const cuts = fc.array(fc.nat(RECORDS.length), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(cuts, async (places) => {
        const ends = [...places.toSorted((a, b) => a - b), RECORDS.length];
        const plain = await read(
          open,
          ends.map((end, n) => RECORDS.subarray(ends[n - 1] ?? 0, end)),
        );
        expect(wholeOf(plain)).toEqual([...OUTPUT]);
        expect(plain.timing(0, plain.end).marks).toEqual(VECTORS.marks);
      }),
      { numRuns: 20 },
    );
  });

  test("that somebody has changed", async () => {
    const open = await opener();
    for (const place of [0, 5, 7, 30, RECORDS.length - 1]) {
      const changed = RECORDS.slice();
      changed[place] = (changed[place] ?? 0) ^ 1;
      const plain = read(open, [changed, new Uint8Array(100_000)]);
      await expect(plain).rejects.toThrow(Tampered);
    }
  });
});

test("events and metadata", async () => {
  const found = await hub();
  expect(await found.opened(VECTORS.sealed_events, 0)).toEqual(VECTORS.events);
  expect(await found.info()).toMatchObject({ ...VECTORS.meta, id: "run", size: 0 });
  expect(found.trouble).toBeUndefined();
});

describe("a hub", () => {
  /** One that has this much of a run that is over, and says that this is all. */
  async function hubWith(size: number) {
    const told = { ...TOLD, size, ended: 86_402, complete: true };
    const found = await sealedHub("token", told, FRAGMENT);
    if (typeof found === "string") throw new Error(found);
    await found.opened(VECTORS.sealed_events, 0);
    const given = new Promise<void>((resolve) => {
      found.follow({ grown: () => {}, caughtUp: resolve, trouble: () => {} });
    });
    return { found, given };
  }

  test("that keeps the end back is found out", async () => {
    const { found, given } = await hubWith(0);
    await given;
    expect(found.missing).toBe(OUTPUT.length);
    found.push(0, RECORDS);
    await expect.poll(() => found.missing).toBe(0);
  });

  test("that has not been heard out keeps nothing back", async () => {
    vi.stubGlobal("fetch", () => new Promise(() => {}));
    const { found } = await hubWith(RECORDS.length);
    expect(found.missing).toBe(0);
    found.stop();
    vi.unstubAllGlobals();
  });

  test("that has not been asked yet has everything still to give, as far as it is read", async () => {
    expect((await hub()).behind).toBe(RECORDS.length);
    const large = await sealedHub("token", { ...TOLD, size: 2 ** 40 }, FRAGMENT);
    expect(large).toHaveProperty("behind", 2 ** 27);
  });

  test("with more than is read has as much to give as is", async () => {
    vi.stubGlobal("fetch", () => new Promise(() => {}));
    const { found } = await hubWith(2 ** 40);
    expect([found.trouble, found.behind]).toEqual(["large", 2 ** 27]);
    found.stop();
    vi.unstubAllGlobals();
  });

  test("that takes its time delays what is kept, and cuts none of it off", async () => {
    let answer: (response: Response) => void = () => {};
    const answered = new Promise<Response>((resolve) => {
      answer = resolve;
    });
    vi.stubGlobal("location", { pathname: "/r/token" });
    vi.stubGlobal("fetch", () => answered);
    const { found } = await hubWith(RECORDS.length);
    const file = found.file(".ansi");
    answer(new Response(RECORDS));
    expect([...new Uint8Array(await (await file).arrayBuffer())]).toEqual([...OUTPUT]);
    vi.unstubAllGlobals();
  });

  test("that gives events bit by bit has all of them kept", async () => {
    vi.stubGlobal("location", { pathname: "/r/token" });
    const lines = VECTORS.sealed_events.map((event) => new TextEncoder().encode(`${JSON.stringify(event)}\n`));
    const body = new ReadableStream({
      pull: (answer) => (lines.length ? answer.enqueue(lines.shift()) : answer.close()),
    });
    vi.stubGlobal("fetch", async () => new Response(body));
    const { found, given } = await hubWith(0);
    await given;
    const kept = await (await found.file("/metrics.csv")).text();
    expect([kept.split("\r\n").length, found.trouble]).toEqual([4, undefined]);
    vi.unstubAllGlobals();
  });

  test("whose store has damaged an event shows all output, and says that something is wrong", async () => {
    const { found, given } = await hubWith(0);
    await found.opened([VECTORS.events[0] as RunEvent], 0);
    found.push(0, RECORDS);
    await given;
    await expect.poll(() => found.end).toBe(OUTPUT.length);
    expect([found.trouble, found.missing]).toEqual(["tampered", 0]);
    expect((await found.info()).complete).toBe(false);
  });

  test("need not add up what the processes took", async () => {
    const found = await hub();
    expect((await found.info()).peak_memory).toBeNull();
    await found.opened(VECTORS.sealed_events, 0);
    expect((await found.info()).peak_memory).toBe(9_000_000);
  });
});

test.each([
  ["in another's place", { ...(VECTORS.sealed_events[0] as RunEvent), seq: 7 }],
  ["of the hub's own", { ...(VECTORS.events[0] as RunEvent), seq: 7 }],
])("an event %s is not shown", async (_, forged) => {
  const found = await hub();
  const [event] = await found.opened([forged], 7);
  expect([event?.kind, event?.seq, found.trouble]).toEqual(["sealed", 7, "tampered"]);
  expect(found.read({ ...TOLD, complete: true }).complete).toBe(false);
});

test.each([
  ["left out", [0, 2, 3], ["task", "sealed", "sealed"]],
  ["repeated", [0, 1, 1], ["task", "metric", "sealed"]],
  ["reordered", [1, 0, 2], ["sealed", "sealed", "metric"]],
])("an event that the hub has %s is found out", async (_, places, kinds) => {
  const found = await hub();
  const given = places.map((place) => VECTORS.sealed_events[place] as RunEvent);
  expect((await found.opened(given, 0)).map(({ kind }) => kind)).toEqual(kinds);
  expect(found.trouble).toBe("tampered");
});

test("an event that a hub without room for others has counted anew is not shown, and no offence", async () => {
  const found = await sealedHub("token", { ...TOLD, limited: ["events"] }, FRAGMENT);
  if (typeof found === "string") throw new Error(found);
  const [event] = await found.opened([{ ...(VECTORS.sealed_events.at(-1) as RunEvent), seq: 1 }], 1);
  expect([event?.kind, event?.seq, found.trouble]).toEqual(["sealed", 1, undefined]);
});

test("that it had no room may be told after the events", async () => {
  const found = await hub();
  await found.opened([{ ...(VECTORS.sealed_events.at(-1) as RunEvent), seq: 1 }], 1);
  found.read({ ...TOLD, limited: ["events"] });
  expect(found.trouble).toBeUndefined();
});

describe("what was decrypted", () => {
  test("is given by offset, over blocks", () => {
    const text = "line\n".repeat(200_000);
    const plain = storeOf(text);
    expect([plain.end, plain.lines]).toEqual([1_000_000, 200_000]);
    const piece = Buffer.concat([...plain.read(262_140, 262_150)]).toString();
    expect(piece).toBe(text.slice(262_140, 262_150));
    expect(plain.lineAt(262_147)).toEqual({ at: 262_145, line: 52_429 });
    expect(plain.lineAt(524_288)).toEqual({ at: 524_285, line: 104_857 });
  });

  test("tells when it was written", () => {
    const plain = storeOf("a\nb\nc\n");
    expect(plain.timing(3, 6)).toEqual({
      marks: [
        [2, 1, 1],
        [4, 2, 1],
      ],
      to: 6,
    });
    expect([plain.at(0.5), plain.at(1), plain.at(9)]).toEqual([{ at: 2 }, { at: 4 }, { at: 6 }]);
    plain.append({ data: new Uint8Array(4), marks: [[6, 20, 1]] });
    expect(plain.density(20, 4)).toEqual({ duration: 20, bytes: [6, 0, 0, 4], silences: [[2, 18, 6]] });
  });

  test.each([
    ["\x1b[31mred\x1b[0m", "red"],
    [" 50%\r100%\r", "100%"],
    ["abc\x1b[2Kd", "d"],
    ["abcd\b\b\x1b[Kx", "abx"],
    ["\x1b]0;title\x07text", "text"],
  ])("%j as text", (written, text) => expect(plainLine(written)).toBe(text));
});

describe("to keep", () => {
  const run = { ...TOLD, started: 7.5, command: ["make", "all"], name: "", pty: false } as Info;
  const event = (kind: string, fields: object): RunEvent => ({ seq: 0, t: 9, at: 0, kind, ...fields }) as RunEvent;
  const cast = (facts: Info, plain: Plain, events: RunEvent[]) =>
    [...castOf(facts, plain, events)].filter(Boolean).map((line) => JSON.parse(line));

  test("a recording, with bare newlines as a terminal has them", () => {
    const ends = [event("resize", { at: 2, t: 0.5, cols: 100, rows: 30 }), event("exit", { code: null, signal: 15 })];
    expect(cast(run, storeOf("a\nb\r\nc"), ends)).toEqual([
      { version: 3, term: { cols: 80, rows: 24 }, timestamp: 7, command: "make all" },
      [0, "o", "a\r\n"],
      [0.5, "r", "100x30"],
      [0.5, "o", "b\r\n"],
      [1, "o", "c"],
      [7, "x", "143"],
    ]);
  });

  test("a recording of a terminal, whatever cuts its characters", () => {
    const plain = new Plain();
    const whole = new TextEncoder().encode("ü\nü");
    for (const [at, byte] of whole.entries()) plain.append({ data: Uint8Array.of(byte), marks: [[at, at, 1]] });
    plain.append({ data: Uint8Array.of(0xc3), marks: [] });
    const [header, ...lines] = cast({ ...run, pty: true, cols: 120, rows: 40 }, plain, []);
    expect(header.term).toEqual({ cols: 120, rows: 40 });
    expect(lines.map(([, , text]) => text)).toEqual(["ü", "\n", "ü", "\ufffd"]);
  });

  test("metrics, of which no spreadsheet computes a name", () => {
    const metric = (name: string, fields: object) => event("metric", { name, ...fields });
    expect(metricsCsv([metric('=a,"b"', { value: 1.5 }), event("note", {}), metric("x", { step: 2 })])).toBe(
      'seq,t,name,step,value\r\n0,9,"\'=a,""b""",,1.5\r\n0,9,x,2,\r\n',
    );
  });
});

describe("searching", () => {
  const search = async (plain: Plain, text: string, regex: boolean, from = 0, limit?: number) => {
    const found = [];
    for await (const one of find(plain, { text, case: false, regex }, { from, limit })) found.push(one);
    return { hits: found.filter(isHit), last: found.at(-1) };
  };
  const lines = ({ hits }: { hits: Hit[] }) => hits.map(({ line, at, matches }) => [line, at, ...matches]);

  test("finds lines as they are read", async () => {
    const plain = storeOf("one\n\x1b[1mTw\x1b[0mo two\nthree (two)");
    expect(lines(await search(plain, "two", false))).toEqual([
      [2, 4, "Two", "two"],
      [3, 20, "two"],
    ]);
    expect(lines(await search(plain, "(two)", false))).toEqual([[3, 20, "(two)"]]);
    expect(lines(await search(plain, "t..", true, 5))).toEqual([[3, 20, "thr", "two"]]);
    expect((await search(plain, "two", false, 0, 1)).last).toMatchObject({ limited: true, to: 20 });
  });

  test("finds in a long log what stands over blocks", async () => {
    const plain = storeOf(`${"x".repeat(262_140)} needle\n${"line\n".repeat(300_000)}needle\n`);
    expect(lines(await search(plain, "needle", false)).map(([line]) => line)).toEqual([1, 300_002]);
  });

  test("takes long lines in parts, with turns for the browser, and so many matches of each", async () => {
    const plain = storeOf(`one\n${"é".repeat(2 * MIB)}\nneedle`);
    const found = [];
    for await (const one of find(plain, { text: "é", case: false, regex: false }, { from: 0 })) found.push(one);
    const hits = found.filter(isHit);
    expect(hits.map(({ line, matches }) => [line, matches.length])).toEqual([2, 2, 2, 2].map((line) => [line, 50]));
    expect(hits.every(({ at }, n) => at - (hits[n - 1]?.at ?? 4) <= 1.25 * MIB)).toBe(true);
    expect(found.length - hits.length).toBeGreaterThan(3);
    expect(lines(await search(plain, "needle", false))).toEqual([[3, 4 * MIB + 5, "needle"]]);
    expect(await fileOf(".txt", TOLD, plain, []).text()).toBe(`one\n${"é".repeat(2 * MIB)}\nneedle`);
  });

  test("looks at a line that goes on again, and behind the parts that it has seen", async () => {
    const cleared = storeOf("one\n 50%\r\x1b[K");
    expect((await search(cleared, "x", false)).last).toMatchObject({ to: 4 });
    const long = storeOf("x".repeat(3 * MIB));
    const { to } = (await search(long, "y", false)).last as Progress;
    expect(to).toBe(2 * MIB);
    expect([...linesOf(long, to, long.end)].map(({ line, at }) => [line, at])).toEqual([[1, to]]);
  });

  test("says why it can't", async () => {
    await expect(search(storeOf("x"), "(", true)).rejects.toThrow(Refused);
  });
});
