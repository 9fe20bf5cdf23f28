import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { Hole, type Stretch } from "./hole";
import { type Mark, Marks } from "./marks";
import { PagedLog } from "./paged_log";
import { type Entry, planOf, WHOLE } from "./plan";
import type { Row } from "./rows";
import { screenful } from "./segments";
import { tame } from "./tame";
import { TerminalLog } from "./terminal_log";

const TTY = { cols: 40, rows: 6, convertEol: false };
const LIMITS = { kept: 4000, large: 500 };
const ALL = 1e9;
const bytes = (text: string) => new TextEncoder().encode(text);

/** What a job writes, a piece a time: lines, lines in colours that may last, and what is drawn over other lines. */
const plain = fc
  .integer({ min: 1, max: 60 })
  .map((n) => Array.from({ length: n }, (_, i) => `line ${i} é\r\n`).join(""));
const coloured = fc
  .tuple(
    fc.constantFrom("\x1b[31m", "\x1b[1;34m", "\x1b[0m"),
    fc.integer({ min: 1, max: 30 }),
    fc.constantFrom("\x1b[0m", ""),
  )
  .map(([colour, n, end]) => Array.from({ length: n }, (_, i) => `${colour}colour ${i}${end}\r\n`).join(""));
const bars = fc
  .integer({ min: 1, max: 30 })
  .map((n) => `${Array.from({ length: n }, (_, i) => `\rone ${i}%\x1b[K\r\ntwo ${i}%\x1b[A`).join("")}\r\n\r\n`);
const over = fc.constantFrom("\x1b[3Aover\x1b[K\r\n\x1b[3B", "\x1b[Htop\r\n\x1b[6B\r\n", `${"long ".repeat(30)}\r\n`);
const output = fc.array(fc.oneof({ weight: 4, arbitrary: plain }, coloured, bars, over), { maxLength: 14 });

/** The hub's index of an output, with much smaller stretches. */
function indexOf(data: Uint8Array, stretch = 200): Entry[] {
  const text = new TextDecoder();
  const entries: Entry[] = [];
  let line = 0;
  for (let at = 0, to = 0; at < data.length || !entries.length; at = to) {
    to = data.indexOf(10, at + stretch) + 1 || data.length;
    const part = data.subarray(at, to);
    const before = text.decode(data.subarray(0, at));
    const colours = before
      .slice(before.lastIndexOf("\x1b[0m") + 1)
      .split("\x1b[")
      .slice(1)
      .filter((sequence) => /^[1-9][0-9;]*m/.test(sequence));
    entries.push({
      at,
      line,
      drawn: !tame(part, false),
      style: colours.map((sequence) => `\x1b[${sequence.slice(0, sequence.indexOf("m") + 1)}`).join(""),
    });
    line += part.filter((byte) => byte === 10).length;
  }
  return entries;
}

interface Setting {
  log: PagedLog;
  data: Uint8Array;
  read: ReturnType<typeof vi.fn>;
  place: { row: number };
}

/** A log of which nothing was read but its end, and what follows a reader's place. */
async function opened(data: Uint8Array, marks = new Marks(TTY), piece = 97): Promise<Setting> {
  const read = vi.fn();
  async function* source(from: number, to: number): AsyncGenerator<Stretch> {
    read(from);
    for (let at = from; at < to; at += piece) yield data.subarray(at, Math.min(to, at + piece));
  }
  const plan = planOf(indexOf(data), screenful(TTY), 600);
  const log = new PagedLog(marks, source, plan, [], LIMITS);
  await log.append(plan.last.at, data.subarray(plan.last.at));
  const place = { row: 0 };
  log.around = (row, change) => {
    const before = log.count;
    change();
    if (place.row >= row) place.row += log.count - before;
  };
  return { log, data, read, place };
}

async function wholeOf(data: Uint8Array, marks: Mark[] = []): Promise<TerminalLog> {
  const log = new TerminalLog(0, TTY);
  for (const mark of marks) log.mark(mark);
  await log.append(0, data);
  return log;
}

function drawn({ kind, text, runs, styles, bytes: missing }: Row): string {
  const looks: unknown[] = [];
  for (let i = 0, last = 0; i < runs.length; i += 2) {
    const [at, style] = [runs[i] ?? 0, runs[i + 1] ?? 0];
    if (style !== last) looks.push(at, styles.get(style)); // where a wrapped row goes on, its look may be said again
    last = style;
  }
  return JSON.stringify([kind, text, missing, looks]);
}

/** Every row, each read when its turn comes. */
async function all(log: PagedLog): Promise<string[]> {
  const rows: string[] = [];
  for (let row = 0; row < log.count; row++) {
    if (log.row(row, ALL).kind === "loading") await log.load(row, row + 1);
    rows.push(drawn(log.row(row, ALL)));
  }
  return rows;
}

const allOf = (log: TerminalLog) => Array.from({ length: log.count }, (_, i) => drawn(log.row(i, ALL, 0)));

describe("a log in parts", () => {
  test("has the rows of the whole", async () => {
    await fc.assert(
      fc.asyncProperty(output, async (parts) => {
        const data = bytes(parts.join(""));
        const { log } = await opened(data);
        expect(await all(log)).toEqual(allOf(await wholeOf(data)));
      }),
      { numRuns: 60 },
    );
  }, 60_000);

  test("that grows has the rows of the whole, however it comes", async () => {
    await fc.assert(
      fc.asyncProperty(output, fc.integer({ min: 1, max: 700 }), async (parts, piece) => {
        const data = bytes(parts.join(""));
        const source = async function* (from: number, to: number) {
          yield data.subarray(from, to);
        };
        const log = new PagedLog(new Marks(TTY), source, WHOLE, [], LIMITS);
        for (let at = 0; at < data.length; at += piece) await log.append(at, data.subarray(at, at + piece));
        expect(await all(log)).toEqual(allOf(await wholeOf(data)));
      }),
      { numRuns: 60 },
    );
  }, 60_000);

  test("leaves the reader where he is while parts before are read", async () => {
    await fc.assert(
      fc.asyncProperty(output, fc.array(fc.nat(1000), { maxLength: 10 }), async (parts, jumps) => {
        const { log, place } = await opened(bytes(`${parts.join("")}\x1b[0m${"the end\r\n".repeat(40)}`));
        place.row = log.count - 1;
        const text = () => log.row(place.row, ALL).text;
        expect(text()).toBe("the end");
        for (const jump of jumps) {
          const row = jump % log.count;
          await log.load(row, row + 1);
          expect(text()).toBe("the end");
        }
      }),
      { numRuns: 60 },
    );
  }, 60_000);

  const lines = bytes(Array.from({ length: 2000 }, (_, i) => `line ${i + 1}\r\n`).join(""));

  test("knows its rows and lines before it has read them", async () => {
    const { log, read } = await opened(lines);
    expect([log.count, log.lines]).toEqual([2000, 2000]);
    expect(log.row(1233, ALL)).toMatchObject({ kind: "loading", number: 1234 });
    await vi.waitFor(() => expect(log.row(1233, ALL)).toMatchObject({ kind: "line", number: 1234, text: "line 1234" }));
    expect(read).toHaveBeenCalledTimes(1);
    expect(log.rowOfLine(700)).toBe(699);
    const at = new TextDecoder().decode(lines).indexOf("line 700\r");
    await log.load(log.rowAt(at), log.rowAt(at) + 1);
    expect(log.rowAt(at)).toBe(699);
    expect(log.offsetOf(699)).toBe(at);
  });

  test("reads first what was asked for last, and not what nobody looks at any more", async () => {
    const { log, read } = await opened(lines);
    for (let row = 0; row < 1800; row += 60) log.row(row, ALL);
    await vi.waitFor(() => expect(log.row(1740, ALL).kind).toBe("line"));
    expect(read.mock.calls[0]?.[0]).toBeGreaterThan(lines.length * 0.8);
    expect(read.mock.calls.length).toBeLessThan(8);
  });

  test("forgets what was looked at long ago, and reads it again", async () => {
    const { log, read } = await opened(lines);
    for (const row of [0, 500, 1000, 1500]) await log.load(row, row + 200);
    expect(log.row(0, ALL).kind).toBe("loading");
    expect(log.row(1600, ALL).kind).toBe("line");
    const before = read.mock.calls.length;
    await log.load(0, 1);
    expect(log.row(0, ALL).text).toBe("line 1");
    expect(read.mock.calls.length).toBe(before + 1);
    expect(log.count).toBe(2000);
  });

  test("asks again for what could not be read", async () => {
    let broken = true;
    const source = async function* (from: number, to: number): AsyncGenerator<Stretch> {
      if (broken) throw new Error("no hub");
      yield lines.subarray(from, to);
    };
    const plan = planOf(indexOf(lines), screenful(TTY), 600);
    const log = new PagedLog(new Marks(TTY), source, plan, [], LIMITS);
    await expect(log.load(0, 1)).rejects.toThrow("no hub");
    const again = new Promise<void>((resolve) => {
      log.onChange = resolve;
    });
    log.row(0, ALL);
    await again;
    broken = false;
    expect(log.row(0, ALL).kind).toBe("loading");
    await vi.waitFor(() => expect(log.row(0, ALL).text).toBe("line 1"));
  });

  test("shows a hole where it was read", async () => {
    const source = async function* (from: number, to: number): AsyncGenerator<Stretch> {
      if (from < 100) yield lines.subarray(from, 100);
      else if (from < 150) yield new Hole(150 - from);
      else yield lines.subarray(from, to);
    };
    const plan = planOf(indexOf(lines), screenful(TTY), 600);
    const log = new PagedLog(new Marks(TTY), source, plan, [], LIMITS);
    await log.load(0, 1);
    const kinds = Array.from({ length: 30 }, (_, row) => log.row(row, ALL).kind);
    expect(kinds.indexOf("hole")).toBeGreaterThan(5);
    expect(log.holes).toEqual([[100, 150]]);
  });
});

describe("marks in parts", () => {
  const lines = bytes(Array.from({ length: 500 }, (_, i) => `line ${i + 1}\r\n`).join(""));
  const at = (n: number) => new TextDecoder().decode(lines).indexOf(`line ${n}\r`);
  const marks: Mark[] = [
    { kind: "gap", at: at(50), bytes: 99 },
    { kind: "note", at: at(120) + 3, seq: 1, t: 1, level: "error", text: "said" },
    { kind: "group", at: at(200), seq: 2, t: 2, name: "long", open: true },
    { kind: "group", at: at(400), seq: 3, t: 3, name: "long", open: false },
  ];

  test.each([
    ["known before", 4],
    ["that come late", 0],
  ])("%s are where they are in the whole", async (_, early) => {
    const all_ = new Marks(TTY);
    for (const mark of marks.slice(0, early)) all_.add(mark);
    const { log, place } = await opened(lines, all_);
    place.row = log.count - 1;
    await log.load(0, log.count);
    for (const mark of marks.slice(early)) {
      all_.add(mark);
      expect(log.mark(mark)).toBe(true);
    }
    expect(await all(log)).toEqual(allOf(await wholeOf(lines, marks)));
    expect(log.row(place.row, ALL).text).toBe("line 500");
    await log.load(200, 202);
    await log.load(402, 404);
    expect(log.groups).toMatchObject([{ name: "long", row: 201, end: 401, state: "done" }]);
    await log.load(120, 122);
    expect(log.row(log.rowOfNote(1) ?? 0, ALL)).toMatchObject({ kind: "note", text: "said" });
  });

  test.each([
    ["while it is read", 0],
    ["after it was forgotten", 1],
  ])("that come late to a part %s are shown", async (_, forgotten) => {
    const all_ = new Marks(TTY);
    const { log } = await opened(lines, all_);
    const reading = log.load(200, 201);
    if (forgotten) await all(log);
    for (const mark of marks.slice(1)) {
      all_.add(mark);
      log.mark(mark);
    }
    expect(log.groups).toMatchObject([{ name: "long", state: "done" }]);
    await reading;
    expect(await all(log)).toEqual(allOf(await wholeOf(lines, marks.slice(1))));
    expect(log.groups).toMatchObject([{ name: "long", row: 200, end: 400, state: "done" }]);
  });

  test("that two logs tell of a part they share are told once", async () => {
    const all_ = new Marks(TTY);
    const { log } = await opened(lines, all_);
    await log.load(200, 201);
    const plan = planOf(indexOf(lines), screenful(TTY), 600);
    const other = new PagedLog(all_, async function* () {}, plan, log.parts, LIMITS);
    const mark = marks[2] as Mark;
    all_.add(mark);
    for (const each of [log, other]) each.mark(mark);
    expect(log.groups).toHaveLength(1);
  });

  test("that name a group are about where it is before it was read", async () => {
    const all_ = new Marks(TTY);
    for (const mark of marks) all_.add(mark);
    const { log } = await opened(lines, all_);
    const [group] = log.groups;
    expect(Math.abs((group?.row ?? 0) - 200)).toBeLessThan(20);
    expect(Math.abs((group?.end ?? 0) - 400)).toBeLessThan(20);
  });
});
