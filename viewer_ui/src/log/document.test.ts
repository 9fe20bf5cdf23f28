import { describe, expect, test } from "vitest";
import { LogDocument, type Row } from "./document";

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
