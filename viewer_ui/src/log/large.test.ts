import { describe, expect, test } from "vitest";
import { LogDocument } from "./document";
import type { Entry } from "./plan";

const PIPE = { cols: 500, rows: 24, convertEol: true };
const LINES = 300_000;
const TEXT = Array.from({ length: LINES }, (_, i) => `line ${i + 1}\n`).join("");
const DATA = new TextEncoder().encode(TEXT);
const lineAt = (n: number) => TEXT.indexOf(`line ${n}\n`);

const source = {
  async *output(from: number, to: number) {
    yield DATA.subarray(from, to);
  },
  timing: async (from: number) => ({ marks: [], to: from }),
};

/** The hub's index of the first `size` bytes. */
function indexOf(size: number): Entry[] {
  const entries: Entry[] = [];
  for (let at = 0; at < size; at = DATA.indexOf(10, at + 256 * 1024) + 1 || size) {
    entries.push({ at, line: Number(TEXT.slice(at + 5, TEXT.indexOf("\n", at))) - 1, drawn: false, style: "" });
  }
  return entries;
}

/** Reads on from `from` beside what is shown, and shows it. */
async function catchUp(document: LogDocument, from: number, end: number): Promise<void> {
  await document.appendWhole(from, DATA.subarray(from, end));
  document.swap();
}

const lineOf = async (document: LogDocument, n: number) => {
  const row = document.rowOfLine(n);
  await document.load(row, row + 1);
  const { number, text } = document.row(row, 99);
  return `${number} ${text}`;
};

describe("a large run", () => {
  test("is shown from its end, and every line is reached without reading the others", async () => {
    const start = lineAt(LINES - 1000);
    const document = new LogDocument(PIPE, start, LINES - 1001, source);
    await document.append(start, DATA.subarray(start));
    let place = document.count - 10;
    document.onShift = (at, by) => {
      if (place >= at) place += by;
    };
    const from = document.beginWhole(indexOf(DATA.length));
    expect(from).toBeGreaterThan(DATA.length - 2 * 1024 * 1024);
    expect(document.row(place, 99).text).toBe(`line ${LINES - 9}`);
    await catchUp(document, from, DATA.length);
    expect(document.row(place, 99).text).toBe(`line ${LINES - 9}`);
    expect([document.count, document.lines, document.whole]).toEqual([LINES, LINES, true]);
    expect(document.row(149_999, 99)).toMatchObject({ kind: "loading", number: 150_000 });
    for (const n of [150_000, 1, LINES]) expect(await lineOf(document, n)).toBe(`${n} line ${n}`);
    expect(await document.text(99_998, 100_001)).toBe("line 99999\nline 100000\nline 100001");
  });

  test("that has run away is shown from its end again, and what was left out is there", async () => {
    const document = new LogDocument(PIPE, 0, 0, source);
    const seen = lineAt(1001);
    await document.append(0, DATA.subarray(0, seen));
    const start = lineAt(LINES - 1000);
    document.leap(start, LINES - 1001);
    await document.append(start, DATA.subarray(start));
    expect(document.row(999, 99).text).toBe("line 1000");
    expect(document.row(1000, 99).kind).toBe("loading");
    expect(document.row(document.count - 1, 99)).toMatchObject({ text: `line ${LINES}`, number: LINES });
    await catchUp(document, document.beginWhole(indexOf(DATA.length)), DATA.length);
    expect(document.count).toBe(LINES);
    for (const n of [1001, 200_000]) expect(await lineOf(document, n)).toBe(`${n} line ${n}`);
  });

  test("that has run away in the middle of a line has what was left out nowhere else but where it says so", async () => {
    const document = new LogDocument(PIPE, 0, 0, source);
    await document.append(0, DATA.subarray(0, lineAt(1001) + 3));
    const start = lineAt(LINES - 1000);
    document.leap(start, LINES - 1001);
    await document.append(start, DATA.subarray(start));
    expect(document.row(document.rowOfLine(1001), 99)).toMatchObject({ kind: "line", text: "lin" });
    expect(document.row(document.rowOfLine(200_000), 99).kind).toBe("loading");
    expect(document.row(document.rowOfOffset(lineAt(200_000)), 99).kind).toBe("loading");
  });
});
