import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LogDocument, type Row } from "./document";
import type { Mark } from "./marks";

const PIPE = { cols: 500, rows: 24, convertEol: true };
const bytes = (text: string) => new TextEncoder().encode(text);

const TEXT = "start\n::group::Install\none\ntwo\n::endgroup::\n::group::Test\n::error::Boom\n::endgroup::\nend\n";
const after = (line: string) => TEXT.indexOf(`${line}\n`) + line.length + 1;
const group = (seq: number, name: string, open: boolean, at: number): Mark => ({
  kind: "group",
  seq,
  t: seq,
  name,
  open,
  at,
});

const MARKS: Mark[] = [
  group(0, "Install", true, after("::group::Install")),
  group(1, "Install", false, TEXT.indexOf("::group::Test")),
  group(2, "Test", true, after("::group::Test")),
  { kind: "note", seq: 3, t: 3, level: "error", text: "Boom", at: after("::error::Boom") },
  group(4, "Test", false, TEXT.indexOf("end\n")),
];

const rows = (document: LogDocument): Row[] => Array.from({ length: document.count }, (_, i) => document.row(i, 4096));

function brief({ kind, number, text, level, group: heading }: Row): string {
  if (heading)
    return `${heading.hidden === undefined ? "▾" : `▸${heading.hidden}`} ${number} ${text} ${heading.group.state}`;
  return [kind === "line" ? number : kind, text, level].filter((part) => part !== undefined && part !== "").join(" ");
}

const UNFOLDED = [
  "1 start",
  "▾ 2 Install done",
  "3 one",
  "4 two",
  "5 ::endgroup::",
  "▾ 6 Test failed",
  "7 ::error::Boom error",
  "8 ::endgroup::",
  "9 end",
];

async function documentOf(marks: Mark[] = MARKS): Promise<LogDocument> {
  const document = new LogDocument(PIPE);
  for (const mark of marks) document.mark(mark);
  await document.append(0, bytes(TEXT));
  return document;
}

describe("groups in a log", () => {
  test("have the job's own lines as headings, and fail with an error inside", async () => {
    expect(rows(await documentOf()).map(brief)).toEqual(UNFOLDED);
  });

  test("are the same whenever their events come, and however the output does", async () => {
    const order = fc.shuffledSubarray(MARKS, { minLength: MARKS.length });
    await fc.assert(
      fc.asyncProperty(order, fc.integer({ min: 1, max: 99 }), fc.nat(5), async (marks, piece, early) => {
        const document = new LogDocument(PIPE);
        for (const mark of marks.slice(0, early)) document.mark(mark);
        const data = bytes(TEXT);
        for (let at = 0; at < data.length; at += piece) await document.append(at, data.subarray(at, at + piece));
        for (const mark of marks.slice(early)) document.mark(mark);
        expect(rows(document).map(brief)).toEqual(UNFOLDED);
      }),
    );
  });

  test("fold, and unfold as they were", async () => {
    const document = await documentOf();
    const shifts: [number, number][] = [];
    document.onShift = (at, by) => shifts.push([at, by]);
    document.toggle(1);
    document.toggle(2);
    expect(rows(document).map(brief)).toEqual(["1 start", "▸3 2 Install done", "▸2 6 Test failed", "9 end"]);
    expect(shifts).toEqual([
      [2, -3],
      [3, -2],
    ]);
    document.toggle(1);
    document.toggle(5);
    expect(rows(document).map(brief)).toEqual(UNFOLDED);
    expect(document.lines).toBe(9);
  });

  test("that are folded stay so while they grow", async () => {
    const document = new LogDocument(PIPE);
    document.mark(group(0, "Build", true, 0));
    await document.append(0, bytes("one\n"));
    document.toggle(0);
    await document.append(4, bytes("two\n"));
    expect(rows(document).map(brief)).toEqual(["▸2 0 Build running"]);
    document.mark(group(1, "Build", false, 8));
    await document.append(8, bytes("three\n"));
    expect(rows(document).map(brief)).toEqual(["▸2 0 Build done", "3 three"]);
  });

  test("nest: what is folded hides what is in it, and an error shows in all", async () => {
    const document = new LogDocument(PIPE);
    const said: Mark = { kind: "note", seq: 2, t: 2, level: "error", text: "no disk", at: 4 };
    for (const mark of [group(0, "a", true, 0), group(1, "b", true, 4), said, group(3, "a", false, 8)])
      document.mark(mark);
    await document.append(0, bytes("one\ntwo\nout\n"));
    const all = ["▾ 0 a failed", "1 one", "▾ 0 b failed", "note no disk error", "2 two", "3 out"];
    expect(rows(document).map(brief)).toEqual(all);
    document.toggle(0);
    expect(rows(document).map(brief)).toEqual(["▸3 0 a failed", "3 out"]);
  });

  test("that a heading ends and the next one begins are told apart after it", async () => {
    const text = "--- Build\none\n--- Test\ntwo\n";
    const document = new LogDocument(PIPE);
    await document.append(0, bytes(text));
    const told = [text.indexOf("--- Test"), text.length] as const;
    for (const mark of [
      group(0, "Build", true, told[0]),
      group(1, "Build", false, told[1]),
      group(2, "Test", true, told[1]),
    ])
      document.mark(mark);
    expect(rows(document).map(brief)).toEqual(["▾ 1 Build done", "2 one", "▾ 3 Test running", "4 two"]);
    document.toggle(0);
    expect(rows(document).map(brief)).toEqual(["▸1 1 Build done", "▾ 3 Test running", "4 two"]);
  });

  test("unfold to show a note in its place", async () => {
    const document = await documentOf();
    document.toggle(5);
    expect(document.indexOfNote(3)).toBe(6);
    expect(rows(document).map(brief)).toEqual(UNFOLDED);
  });

  test("that are still open when the job ends have failed with it", async () => {
    const document = await documentOf([
      MARKS[0] as Mark,
      { kind: "exit", seq: 9, t: 9, failed: true, at: TEXT.length },
    ]);
    expect(brief(document.row(1, 99))).toBe("▾ 2 Install failed");
  });

  test("a heading that comes late leaves the reader where he is", async () => {
    const document = new LogDocument(PIPE);
    await document.append(0, bytes("one\ntwo\nthree\n"));
    let place = 2;
    document.onShift = (at, by) => {
      if (place >= at) place += by;
    };
    document.mark(group(0, "late", true, 4));
    expect(rows(document).map(brief)).toEqual(["1 one", "▾ 0 late running", "2 two", "3 three"]);
    expect(document.row(place, 99).text).toBe("three");
  });

  test("are found in the history of a late visitor, too", async () => {
    const long = TEXT + "more\n".repeat(200);
    const document = new LogDocument(PIPE, long.length - 50, 199);
    await document.append(document.end, bytes(long.slice(document.end)));
    for (const mark of MARKS) document.mark(mark);
    document.beginWhole();
    await document.appendWhole(0, bytes(long.slice(0, 500)));
    document.toggle(1);
    let place = document.count - 5;
    document.onShift = (at, by) => {
      if (place >= at) place += by;
    };
    for (let at = 500; at < long.length; at += 100) await document.appendWhole(at, bytes(long.slice(at, at + 100)));
    document.swap();
    expect(document.count - place).toBe(5);
    const head = ["1 start", "▸3 2 Install done", ...UNFOLDED.slice(5), "10 more"];
    expect(rows(document).slice(0, 7).map(brief)).toEqual(head);
  });
});

describe("groups of a part whose events come after it was cut off", () => {
  const data = bytes(Array.from({ length: 36_000 }, (_, i) => `line ${i} ${"x".repeat(30)}\n`).join(""));
  const at = (n: number) => data.indexOf(10, n) + 1;
  const marks = [group(1, "build", true, at(1_020_000)), group(2, "build", false, at(1_045_000))];

  async function headings(early: Mark[], late: Mark[]) {
    const document = new LogDocument(PIPE);
    await document.append(0, data.subarray(0, 1_000_000));
    for (const mark of early) document.mark(mark);
    for (let from = 1_000_000; from < 1_250_000; from += 65_536)
      await document.append(from, data.subarray(from, Math.min(1_250_000, from + 65_536)));
    expect(document.row(0, 9).kind).toBe("line");
    for (const mark of late) document.mark(mark);
    return rows(document).flatMap(({ group }, row) => (group ? [{ ...group.group, shown: row }] : []));
  }

  test("are the same", async () => {
    const known = await headings(marks, []);
    expect(known).toMatchObject([{ name: "build", state: "done" }]);
    expect(await headings([], marks)).toEqual(known);
    expect(await headings(marks.slice(0, 1), marks.slice(1))).toEqual(known);
  });

  test("end with the job's end that comes late", async () => {
    const exit: Mark = { kind: "exit", seq: 9, t: 9, failed: true, at: at(1_045_000) };
    expect(await headings(marks.slice(0, 1), [exit])).toMatchObject([{ state: "failed" }]);
  });
});

test("a flood of groups is bounded", async () => {
  const document = new LogDocument(PIPE);
  for (let n = 0; n < 6000; n++) document.mark(group(n, `${n}`, true, 1));
  expect(document.count).toBe(0);
  await document.append(0, bytes("x"));
  expect(document.count).toBe(4001);
});
