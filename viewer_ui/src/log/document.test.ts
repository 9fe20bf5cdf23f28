import { describe, expect, test } from "vitest";
import { LogDocument, type Row } from "./document";
import { firstOutside, Hole } from "./hole";

const PIPE = { cols: 500, rows: 24, convertEol: true };
const bytes = (text: string) => new TextEncoder().encode(text);
const TEXT = Array.from({ length: 200 }, (_, i) => `line ${i + 1}`).join("\n");
const DATA = bytes(`${TEXT}\n`);
/** Where line 151 begins. */
const TAIL = TEXT.indexOf("line 151");

const rows = (document: LogDocument): Row[] => Array.from({ length: document.count }, (_, i) => document.row(i, 4096));
const brief = ({ kind, number, text }: Row) => (kind === "line" ? `${number} ${text}` : kind);
const numbered = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => `${from + i} line ${from + i}`);

async function late(): Promise<LogDocument> {
  const document = new LogDocument(PIPE, TAIL, 150);
  await document.append(TAIL, DATA.subarray(TAIL));
  return document;
}

describe("a document", () => {
  test("shows output from the first byte, numbered from one", async () => {
    const document = new LogDocument(PIPE);
    await document.append(0, DATA);
    expect(rows(document).map(brief)).toEqual(numbered(1, 200));
    expect(document.whole).toBe(true);
  });

  test("opened late shows the end at once, its numbers not counted yet", async () => {
    const document = await late();
    expect(rows(document).map(brief)).toEqual(["loading", ...numbered(151, 200)]);
    expect(document.row(1, 10).about).toBe(true);
    expect(document.lines).toBe(200);
  });

  test("shows the lines before as they are read", async () => {
    const document = await late();
    document.beginWhole();
    await document.appendWhole(0, DATA.subarray(0, 1000));
    const shown = rows(document).map(brief);
    const read = shown.indexOf("loading");
    expect(read).toBeGreaterThan(50);
    expect(shown.slice(0, read)).toEqual(numbered(1, read));
    expect(shown.slice(read + 1)).toEqual(numbered(151, 200));
  });

  test("keeps the reader's place when rows come before it, and when the whole takes over", async () => {
    const document = await late();
    let place = document.count - 10;
    document.onShift = (at, by) => {
      if (place >= at) place += by;
    };
    const text = () => document.row(place, 100).text;
    expect(text()).toBe("line 191");
    document.beginWhole();
    for (let at = 0; at < DATA.length; at += 300) {
      await document.appendWhole(at, DATA.subarray(at, at + 300));
      expect(text()).toBe("line 191");
    }
    document.swap();
    expect(text()).toBe("line 191");
    expect(rows(document).map(brief)).toEqual(numbered(1, 200));
    expect(document.row(place, 100).about).toBe(false);
  });

  test("takes output that was on its way when the whole took over, once", async () => {
    const document = await late();
    document.beginWhole();
    await document.appendWhole(0, DATA);
    await document.appendWhole(DATA.length, bytes("201\n202\n"));
    document.swap();
    await document.append(DATA.length, bytes("201\n202\n203\n"));
    expect(rows(document).slice(-3).map(brief)).toEqual(["201 201", "202 202", "203 203"]);
  });

  test("draws a gap in its place, without a number", async () => {
    const document = new LogDocument(PIPE);
    document.mark({ at: 7, kind: "gap", bytes: 99 });
    await document.append(0, DATA.subarray(0, 14));
    expect(rows(document).map(brief)).toEqual(["1 line 1", "gap", "2 line 2"]);
    expect(document.lines).toBe(2);
  });

  test("adds up its gaps, and draws no more notes than it can keep", () => {
    const document = new LogDocument(PIPE);
    document.mark({ at: 0, kind: "gap", bytes: 99 });
    document.mark({ at: 0, kind: "gap", bytes: 1 });
    for (let n = 0; n < 3000; n++) document.mark({ at: 0, kind: "note", seq: n, t: 0, level: "error", text: "again" });
    expect(document.gaps).toEqual({ count: 2, bytes: 100 });
    expect(document.count).toBe(1002);
    expect(document.lines).toBe(0);
  });

  test("draws a hole without a number, also where the tail begins in it", async () => {
    const document = new LogDocument(PIPE, 21, 3);
    await document.append(21, DATA.subarray(21, 28));
    document.beginWhole();
    await document.appendWhole(0, DATA.subarray(0, 7));
    await document.appendWhole(7, new Hole(17));
    await document.appendWhole(24, DATA.subarray(24, 28));
    document.swap();
    expect(rows(document).map(brief)).toEqual(["1 line 1", "hole", "2 e 4"]);
    expect(rows(document)[1]?.bytes).toBe(17);
    expect(document.holes).toEqual([[7, 24]]);
    expect(document.end).toBe(28);
  });

  test("is read again when a hole was mended, also while the history comes", async () => {
    const document = await late();
    let place = document.count - 10;
    document.onShift = (at, by) => {
      if (place >= at) place += by;
    };
    const text = () => document.row(place, 100).text;
    document.beginWhole();
    await document.appendWhole(0, new Hole(700));
    await document.appendWhole(700, DATA.subarray(700, 1000));
    expect(document.holes).toEqual([[0, 700]]);
    document.beginWhole();
    expect(document.holes).toEqual([]);
    expect(text()).toBe("line 191");
    expect(rows(document).map(brief)).toEqual(["loading", ...numbered(151, 200)]);
    await document.appendWhole(0, DATA);
    document.swap();
    expect(text()).toBe("line 191");
    expect(rows(document).map(brief)).toEqual(numbered(1, 200));
  });

  test("keeps the reader's place before and behind a hole that is mended", async () => {
    for (const [place, line] of [
      [3, "line 4"],
      [-10, "line 191"],
    ] as const) {
      const document = new LogDocument(PIPE);
      await document.append(0, DATA.subarray(0, 70));
      await document.append(70, new Hole(630));
      await document.append(700, DATA.subarray(700));
      let row = place < 0 ? document.count + place : place;
      document.onShift = (at, by) => {
        if (row >= at) row += by;
      };
      expect(document.row(row, 100).text).toBe(line);
      document.beginWhole();
      await document.appendWhole(0, DATA);
      document.swap();
      expect(document.row(row, 100).text).toBe(line);
    }
  });

  test("shows nothing of a reading that another one has taken the place of", async () => {
    const document = await late();
    document.beginWhole();
    const old = document.appendWhole(0, DATA.subarray(0, 1000));
    document.beginWhole();
    await old;
    expect(rows(document).map(brief)).toEqual(["loading", ...numbered(151, 200)]);
  });

  test("gives as text also what is on its way, up to where the end has moved", async () => {
    for (const fromEnd of [0, 10]) {
      const document = await late();
      document.beginWhole();
      await document.appendWhole(0, DATA.subarray(0, 500));
      const text = document.text(0, document.count - fromEnd);
      await document.appendWhole(500, DATA.subarray(500));
      document.swap();
      expect(await text).toBe(
        TEXT.split("\n")
          .slice(0, 200 - fromEnd)
          .join("\n"),
      );
    }
  });

  test("gives no line twice as text where a heading comes above it meanwhile", async () => {
    const document = await late();
    document.beginWhole();
    await document.appendWhole(0, DATA.subarray(0, 500));
    const text = document.text(0, document.count);
    document.mark({ kind: "group", seq: 0, t: 0, name: "Build", open: true, at: 7 });
    await document.appendWhole(500, DATA.subarray(500));
    document.swap();
    expect(await text).toBe(TEXT);
  });

  test("gives as text what is on its way also when that is read anew", async () => {
    const document = await late();
    const text = document.text(0, document.count);
    document.beginWhole();
    await document.appendWhole(0, DATA.subarray(0, 500));
    document.beginWhole();
    await document.appendWhole(0, DATA);
    document.swap();
    expect(await text).toBe(TEXT);
  });

  test.each([
    ["stops", (document: LogDocument) => document.stop()],
    ["leaps", (document: LogDocument) => document.leap(DATA.length, 200)],
  ])("gives no text of what will not come any more when it %s", async (_, end) => {
    const document = await late();
    const text = document.text(0, document.count);
    end(document);
    await expect(text).rejects.toThrow();
  });

  test("gives the text up to a row that moves while parts before it are read", async () => {
    const line = (n: number) => `line ${n} `.padEnd(119, "x");
    const data = bytes(Array.from({ length: 20_000 }, (_, n) => `${line(n)}\n`).join(""));
    const index = Array.from({ length: 20 }, (_, i) => ({ at: i * 120_000, line: i * 1000, drawn: false, style: "" }));
    async function* output(from: number, to: number) {
      if (from) yield data.subarray(from, to);
      else yield new Hole(480_000);
    }
    const document = new LogDocument(PIPE, data.length, 20_000, { output, timing: async (to) => ({ marks: [], to }) });
    const at = document.beginWhole(index);
    await document.appendWhole(at, data.subarray(at));
    document.swap();
    const text = (await document.text(0, document.rowOfLine(19_001))).split("\n");
    expect([text[0], text.at(-1), text.length]).toEqual([line(4000), line(18_999), 15_000]);
  });

  test("is read again for a gap that comes late", async () => {
    const document = new LogDocument(PIPE);
    await document.append(0, DATA.subarray(0, 14));
    expect(document.mark({ at: 7, kind: "gap", bytes: 99 })).toBe(false);
    document.beginWhole();
    await document.appendWhole(0, DATA.subarray(0, 14));
    expect(rows(document).map(brief)).toEqual(["1 line 1", "2 line 2"]);
    document.swap();
    expect(rows(document).map(brief)).toEqual(["1 line 1", "gap", "2 line 2"]);
  });
});

test.each([
  [[0, 10], [], 0],
  [[0, 10], [[0, 10]], undefined],
  [[2, 5], [[0, 10]], undefined],
  [
    [0, 10],
    [
      [5, 10],
      [0, 5],
    ],
    undefined,
  ],
  [
    [0, 10],
    [
      [0, 4],
      [6, 10],
    ],
    4,
  ],
  [[0, 10], [[3, 10]], 0],
] as [[number, number], [number, number][], number | undefined][])("%j without %j begins at %s", (range, ranges, at) =>
  expect(firstOutside(range, ranges)).toBe(at),
);
