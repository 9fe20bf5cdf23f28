import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { LogDocument, type Row } from "./document";
import type { FetchMarks } from "./timing";

const PIPE = { cols: 500, rows: 24, convertEol: true };
const bytes = (text: string) => new TextEncoder().encode(text);
const TEXT = Array.from({ length: 300 }, (_, i) => `line ${i + 1}\n`).join("");
const rows = (document: LogDocument): Row[] => Array.from({ length: document.count }, (_, i) => document.row(i, 99));

async function documentOf(text: string, piece = text.length, fetchMarks?: FetchMarks): Promise<LogDocument> {
  const source = fetchMarks && { timing: fetchMarks, async *output() {} };
  const document = new LogDocument(PIPE, 0, 0, source);
  const data = bytes(text);
  for (let at = 0; at < data.length; at += piece) await document.append(at, data.subarray(at, at + piece));
  return document;
}

describe("a line", () => {
  test("is found by its number and by the offset of any of its bytes, however the output came", async () => {
    const line = fc.integer({ min: 1, max: 300 });
    await fc.assert(
      fc.asyncProperty(line, fc.integer({ min: 1, max: 3000 }), fc.nat(6), async (n, piece, within) => {
        const document = await documentOf(TEXT, piece);
        const at = TEXT.indexOf(`line ${n}\n`);
        expect(document.rowOfLine(n)).toBe(n - 1);
        expect(document.rowOfOffset(at + Math.min(within, `${n}`.length + 5))).toBe(n - 1);
        expect(document.offsetOf(n - 1)).toBe(at);
      }),
    );
  });

  test("is found among rows that are not lines", async () => {
    const document = new LogDocument(PIPE);
    document.mark({ at: 7, kind: "gap", bytes: 99 });
    document.mark({ at: 14, kind: "group", seq: 0, t: 0, name: "three on", open: true });
    await document.append(0, bytes(TEXT));
    for (const [n, row] of [
      [1, 0],
      [2, 2],
      [3, 4],
      [300, 301],
    ] as const) {
      expect(document.rowOfLine(n)).toBe(row);
      expect(document.rowOfOffset(TEXT.indexOf(`line ${n}\n`))).toBe(row);
      expect(document.row(row, 99).offset).toBe(TEXT.indexOf(`line ${n}\n`));
    }
    document.toggle(3);
    expect(document.rowOfLine(200)).toBe(3);
  });

  test("that isn't read yet is looked for where the tail begins", async () => {
    const start = TEXT.indexOf("line 201");
    const document = new LogDocument(PIPE, start, 200);
    await document.append(start, bytes(TEXT.slice(start)));
    expect(document.row(document.rowOfLine(250), 99).text).toBe("line 250");
    expect(document.row(document.rowOfLine(100), 99).kind).toBe("loading");
    expect(document.row(document.rowOfOffset(5), 99).kind).toBe("loading");
    expect(document.offsetOf(0)).toBeUndefined();
  });

  test("beyond the last is the last", async () => {
    const document = await documentOf("one\ntwo\n");
    expect(document.rowOfLine(99)).toBe(1);
    expect(document.rowOfOffset(99)).toBe(1);
  });

  test("after bars is found where it began, and bars among them", async () => {
    const bars = `before\n${"one 1%\ntwo 1%\x1b[A\r".repeat(50)}\n\nafter\n`;
    const document = await documentOf(bars, 100);
    const [, one, two, after] = [0, 1, 2, 3].map((row) => document.offsetOf(row) ?? 0);
    expect(rows(document).map(({ text }) => text)).toEqual(["before", "one 1%", "two 1%", "after"]);
    for (const bar of [one, two]) {
      expect(bar).toBeGreaterThanOrEqual(bars.indexOf("one"));
      expect(bar).toBeLessThan(bars.indexOf("after"));
    }
    expect(after).toBe(bars.indexOf("after"));
  });
});

test("the text of rows is the job's own, without rows of ours", async () => {
  const document = new LogDocument(PIPE);
  document.mark({ at: 4, kind: "gap", bytes: 99 });
  document.mark({ at: 4, kind: "group", seq: 0, t: 0, name: "ours", open: true });
  await document.append(0, bytes("one\n::group::two\nthree\n"));
  document.mark({ at: 17, kind: "group", seq: 1, t: 0, name: "two", open: true });
  expect(await document.text(0, document.count)).toBe("one\n::group::two\nthree");
  expect(await document.text(0, 1)).toBe("one");
});

describe("a silence", () => {
  test("is said before the line that ended it, if it was long, and leaves the reader where he is", async () => {
    const document = await documentOf(TEXT.slice(0, 21));
    let place = 2;
    document.onShift = (at, by) => {
      if (place >= at) place += by;
    };
    document.silences = [
      { at: 21, seconds: 75 },
      { at: 14, seconds: 252 },
      { at: 7, seconds: 59 },
    ];
    expect(document.row(place, 99).text).toBe("line 3");
    await document.append(21, bytes("line 4\n"));
    const shown = rows(document).map(({ kind, text, seconds, number }) => (kind === "line" ? [number, text] : seconds));
    expect(shown).toEqual([[1, "line 1"], [2, "line 2"], 252, [3, "line 3"], 75, [4, "line 4"]]);
    expect(document.lines).toBe(4);
  });

  test("in what is folded is folded away", async () => {
    const document = await documentOf("one\ntwo\nthree\nfour\n");
    document.mark({ at: 4, kind: "group", seq: 0, t: 0, name: "", open: true });
    document.mark({ at: 14, kind: "group", seq: 1, t: 0, name: "", open: false });
    document.silences = [4, 8, 14].map((at) => ({ at, seconds: 60 }));
    expect(rows(document).map(({ kind }) => kind)).toEqual([
      "line",
      "silence",
      "group",
      "line",
      "silence",
      "line",
      "silence",
      "line",
    ]);
    document.toggle(2);
    expect(rows(document).map(({ kind }) => kind)).toEqual(["line", "silence", "group", "silence", "line"]);
  });
});

describe("the time of a row", () => {
  const marks: FetchMarks = async (from, to) => ({
    marks: [
      [0, 1, 1],
      [7, 2.5, 2],
      [21, 4, 1],
    ].filter(([at = 0]) => at >= from) as [number, number, number][],
    to: Math.min(to, TEXT.length),
  });

  test("is asked for, once, and known from then on", async () => {
    const fetch = vi.fn(marks);
    const document = await documentOf(TEXT, 100, fetch);
    expect(document.row(1, 99).time).toBeUndefined();
    const changed = new Promise<void>((resolve) => {
      document.onChange = resolve;
    });
    expect(document.timeOf(1)).toBeUndefined();
    expect(document.timeOf(299)).toBeUndefined();
    await changed;
    expect([0, 1, 2, 3, 299].map((row) => document.timeOf(row))).toEqual([1, 2.5, 2.5, 4, 4]);
    expect([0, 1, 2, 3].map((row) => document.fdOf(row))).toEqual([1, 2, 2, 1]);
    expect(document.row(1, 99)).toMatchObject({ time: 2.5, fd: 2 });
    expect(fetch).toHaveBeenCalledTimes(1);
  });

  test("is asked for again a second later where the hub did not have it", async () => {
    let known = 7;
    const fetch = vi.fn<FetchMarks>(async (from) => ({ marks: [[from, from, 1]], to: known }));
    const document = await documentOf("line 1\nline 2\n", 100, fetch);
    await vi.waitFor(() => expect(document.timeOf(0)).toBe(0));
    document.timeOf(1);
    known = 14;
    await vi.waitFor(() => expect(document.timeOf(1)).toBe(7), { timeout: 3000 });
    expect(fetch.mock.calls.map(([from]) => from)).toEqual([0, 7]);
  });
});
