import { Terminal } from "@xterm/headless";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Hole } from "./hole";
import type { Layout } from "./segments";
import { INVERSE } from "./styles";
import { TerminalLog } from "./terminal_log";

const TTY: Layout = { cols: 40, rows: 6, convertEol: false };
const PIPE: Layout = { cols: 500, rows: 24, convertEol: true };
const ALL = 1e9;
const SAID = { kind: "note", seq: 0, t: 0, level: "error", text: "said" } as const;

const bytes = (text: string) => new TextEncoder().encode(text);
const plainLines = (n: number) => Array.from({ length: n }, (_, i) => `line ${i} of plain output\r\n`).join("");

async function logOf(data: Uint8Array, layout: Layout, piece = data.length || 1): Promise<TerminalLog> {
  const log = new TerminalLog(0, layout);
  for (let at = 0; at < data.length; at += piece) await log.append(at, data.subarray(at, at + piece));
  return log;
}

/** Every line as text with the looks of its styled runs. */
function drawn(log: TerminalLog): string[] {
  return Array.from({ length: log.count }, (_, i) => {
    const { text, runs } = log.read(i, ALL);
    const styled = runs.flatMap((at, k) => (k % 2 ? [] : [[at, log.styles.get(runs[k + 1] ?? 0)]]));
    return styled.length ? `${text} ${JSON.stringify(styled)}` : text;
  });
}

const texts = (log: TerminalLog) => Array.from({ length: log.count }, (_, i) => log.read(i, ALL).text);

/** What xterm.js shows of everything, fed whole. */
async function shown(data: Uint8Array, layout: Layout): Promise<string[]> {
  const terminal = new Terminal({ ...layout, scrollback: 100_000, allowProposedApi: true });
  await new Promise<void>((done) => terminal.write(data, done));
  const buffer = terminal.buffer.normal;
  const lines: string[] = [];
  for (let y = 0; y < buffer.length; y++) {
    const line = buffer.getLine(y);
    const next = buffer.getLine(y + 1);
    const didNotFit = next?.getCell(0)?.getWidth() === 2 && line?.getCell(layout.cols - 1)?.getCode() === 0;
    const text =
      line?.translateToString(!next?.isWrapped, 0, layout.cols - (next?.isWrapped && didNotFit ? 1 : 0)) ?? "";
    if (line?.isWrapped) lines.push((lines.pop() ?? "") + text);
    else lines.push(text);
  }
  return lines;
}

/** Blanks at the end, which may have a colour, are drawn by one and not given by the other. */
const trimmed = (lines: string[]) =>
  lines
    .map((line) => line.trimEnd())
    .join("\n")
    .trimEnd();

const word = fc.constantFrom(
  "loss=0.3",
  "épochs",
  "█▉▊",
  "漢字",
  "👍🏽",
  "e\u0301",
  "a b  c",
  "\tx",
  "longer than the rest of them",
);
const control = fc.constantFrom(
  "\r",
  "\n",
  "\r\n",
  "\b",
  "\x1b[A",
  "\x1b[2A",
  "\x1b[3B",
  "\x1b[7C",
  "\x1b[H",
  "\x1b[3;5H",
  "\x1b[K",
  "\x1b[1K",
  "\x1b[J",
  "\x1b[2J",
  "\x1b[31m",
  "\x1b[1;4;38;5;208m",
  "\x1b[44m",
  "\x1b[0m",
  "\x1b[39m",
  "\x1b[2;4r",
  "\x1b[r",
  "\x1b[L",
  "\x1b[2M",
  "\x1b[S",
  "\x1b7",
  "\x1b8",
  "\x1b(0",
  "\x1b(B",
  "\x0e",
  "\x0f",
  "\x1b[?7l",
  "\x1b[?7h",
  "\x1b]0;title\x07",
);
const stretch = fc.integer({ min: 3, max: 400 }).map(plainLines);
const output = fc
  .array(
    fc.oneof({ weight: 6, arbitrary: word }, { weight: 5, arbitrary: control }, { weight: 1, arbitrary: stretch }),
    {
      maxLength: 60,
    },
  )
  .map((parts) => bytes(parts.join("")));

describe("a terminal's output as lines", () => {
  test("is the same in whatever pieces it comes, past the emulator or through it", async () => {
    await fc.assert(
      fc.asyncProperty(output, fc.integer({ min: 1, max: 3000 }), async (data, piece) => {
        expect(drawn(await logOf(data, TTY))).toEqual(drawn(await logOf(data, TTY, piece)));
      }),
      { numRuns: 150 },
    );
  });

  test("is what xterm.js shows", async () => {
    await fc.assert(
      fc.asyncProperty(output, async (data) => {
        expect(trimmed(texts(await logOf(data, TTY)))).toBe(trimmed(await shown(data, TTY)));
      }),
      { numRuns: 150 },
    );
  });

  test("collapses bars that return, and nested ones that go up", async () => {
    const bar = "one  10%\r\ntwo  50%\x1b[A\rone  20%\x1b[B\rtwo 100%\r\ndone\r\n";
    expect(texts(await logOf(bytes(bar), TTY))).toEqual(["one  20%", "two 100%", "done"]);
  });

  test("joins what the terminal wrapped, however far it scrolled", async () => {
    const long = "0123456789".repeat(50);
    const lines = texts(await logOf(bytes(`${long}\r\n${plainLines(20)}${long}`), TTY, 7));
    expect(lines[0]).toBe(long);
    expect(lines.at(-1)).toBe(long);
  });

  test("of a pipe returns at every newline", async () => {
    expect(texts(await logOf(bytes("a\nb\n\nc"), PIPE))).toEqual(["a", "b", "", "c"]);
  });

  test("keeps styles, and inverse among them", async () => {
    const log = await logOf(bytes("a\x1b[7mb\x1b[0mc\r\n"), TTY);
    const { text, runs } = log.read(0, ALL);
    expect(text).toBe("abc");
    expect([runs[0], runs[2], runs[3]]).toEqual([1, 2, 0]);
    expect(log.styles.get(runs[1] ?? 0).flags).toBe(INVERSE);
  });

  test("keeps what was scrolled off when the job clears the scrollback, or resets the terminal", async () => {
    const cleared = texts(await logOf(bytes(`${plainLines(10)}\x1b[3J\x1bcafter\r\n`), TTY));
    expect(cleared).toEqual([...plainLines(10).trimEnd().split("\r\n"), "after"]);
  });

  test("shows the alternate screen apart, and what was there before when it is left", async () => {
    const log = await logOf(bytes("before\r\n\x1b[?1049h\x1b[Hfull screen"), TTY);
    expect(texts(log)).toEqual(["before"]);
    expect(log.alternate.map((line) => line.text)).toEqual(["full screen"]);
    await log.append(log.end, bytes("\x1b[?1049lafter"));
    expect(texts(log)).toEqual(["before", "after"]);
    expect(log.alternate).toEqual([]);
  });
});

describe("a long line", () => {
  test("is read as far as asked, and says how much more there is", async () => {
    const log = await logOf(bytes(`${"é".repeat(5000)}\r\nnext\r\n`), TTY);
    expect(log.read(0, 100)).toMatchObject({ text: "é".repeat(100), more: 4900 });
  });

  test("is whole while it is on the screen still", async () => {
    const log = await logOf(bytes("x".repeat(10_000)), TTY);
    expect(log.read(0, 4096)).toMatchObject({ text: "x".repeat(4096), more: 10_000 - 4096 });
  });
});

/** Our rows among the job's: where, what, how many bytes, what was said. */
const ours = (log: TerminalLog) =>
  Array.from({ length: log.count }, (_, i) => i).flatMap((i) => {
    const { kind, bytes, text } = log.row(i, ALL, 0);
    return kind === "line" ? [] : [[i, kind, bytes, text]];
  });

describe("a hole", () => {
  async function holed(before: string, length: number, after: string): Promise<TerminalLog> {
    const log = await logOf(bytes(before), TTY);
    await log.append(log.end, new Hole(length));
    await log.append(log.end, bytes(after));
    return log;
  }

  test("stands in its place, and what follows it at its offset", async () => {
    const log = await holed("one\r\ntwo", 1000, "ee\r\nfour\r\n");
    expect(texts(log)).toEqual(["one", "two", "", "ee", "four"]);
    expect(ours(log)).toEqual([[2, "hole", 1000, ""]]);
    expect(log.inserts[0]?.at).toBe(8);
    expect(log.end).toBe(8 + 1000 + 10);
  });

  test("leaves styles and modes as they were, and ends half a sequence or character", async () => {
    const styled = await holed("\x1b[7mbefore\x1b[3", 10, "after\r\n");
    expect(styled.read(2, ALL).text).toBe("after");
    expect(styled.styles.get(styled.read(2, ALL).runs[1] ?? 0).flags).toBe(INVERSE);
    const half = new TerminalLog(0, TTY);
    await half.append(0, bytes("é").subarray(0, 1));
    await half.append(1, new Hole(5));
    await half.append(6, bytes("ok"));
    expect(texts(half).at(-1)).toBe("ok");
  });

  test("on the alternate screen goes on there", async () => {
    const log = await holed("shell\r\n\x1b[?1049h\x1b[Hold", 10, "\x1b[Hnew");
    expect(texts(log)).toEqual(["shell", ""]);
    expect(log.alternate.map((line) => line.text)).toEqual(["new"]);
    await log.append(log.end, bytes("\x1b[?1049l"));
    expect(texts(log).slice(0, 2)).toEqual(["shell", ""]);
  });

  test("that is known in part is skipped in part, once", async () => {
    const log = await logOf(bytes("abc"), TTY);
    await log.append(1, new Hole(5));
    await log.append(0, new Hole(6));
    expect(ours(log)).toEqual([[1, "hole", 3, ""]]);
    expect(log.end).toBe(6);
  });

  test("takes the marks that lie in it", async () => {
    const log = new TerminalLog(0, TTY);
    log.mark({ at: 5, kind: "gap", bytes: 9 });
    log.mark({ at: 6, kind: "resize", cols: 80, rows: 24 });
    await log.append(0, new Hole(10));
    await log.append(10, bytes("x".repeat(60)));
    expect(ours(log)).toEqual([
      [0, "hole", 10, ""],
      [1, "gap", 9, ""],
    ]);
    expect(texts(log).at(-1)).toBe("x".repeat(60));
  });
});

describe("marks", () => {
  test("resize the terminal at their offset", async () => {
    const log = new TerminalLog(0, TTY);
    log.mark({ at: 4, kind: "resize", cols: 80, rows: 24 });
    await log.append(0, bytes(`ab\r\n${"x".repeat(60)}\rY`));
    expect(texts(log)).toEqual(["ab", `Y${"x".repeat(59)}`]);
  });

  test("put a gap in its place and start afresh after it", async () => {
    const log = new TerminalLog(0, TTY);
    log.mark({ at: 6, kind: "gap", bytes: 12_288 });
    await log.append(0, bytes("one\x1b[3after\r\n"));
    expect(texts(log)).toEqual(["one", "", "after"]);
    expect(ours(log)).toEqual([[1, "gap", 12_288, ""]]);
  });

  test("put a note after the line in which it was said", async () => {
    const log = new TerminalLog(0, TTY);
    log.mark({ at: 2, ...SAID });
    await log.append(0, bytes("one\r\ntwo\r\n"));
    expect(texts(log)).toEqual(["one", "", "two"]);
    expect(ours(log)).toEqual([[1, "note", 0, "said"]]);
  });

  test("give information a row where that is wanted, else a place alone", async () => {
    const log = await logOf(bytes("one\r\n"), TTY);
    log.mark({ at: log.end, ...SAID, level: "info" });
    expect(ours(log)).toEqual([]);
    log.mark({ at: log.end, ...SAID, level: "info", own: true });
    expect(ours(log)).toEqual([[1, "note", 0, "said"]]);
  });

  test("keep a note below what is being drawn, and draw that as if nothing had been said", async () => {
    const bars = (n: number) => `\rone ${n}%\r\n\rtwo ${n}%\x1b[A`;
    const log = new TerminalLog(0, TTY);
    await log.append(0, bytes(bars(10)));
    log.mark({ at: log.end, ...SAID });
    await log.append(log.end, bytes(bars(20)));
    expect(texts(log).slice(0, 2)).toEqual(["one 20%", "two 20%"]);
    expect(ours(log)).toEqual([[2, "note", 0, "said"]]);
    await log.append(log.end, bytes("\r\n\r\nafter\r\n"));
    expect(texts(log)).toEqual(["one 20%", "two 20%", "", "after"]);
    expect(ours(log)).toEqual([[2, "note", 0, "said"]]);
  });

  test("put a note that comes late at the end, where the gap before it is", async () => {
    const log = await logOf(bytes("all of this is shown already"), TTY);
    expect(log.mark({ at: 3, ...SAID })).toBe(true);
    log.mark({ at: log.end, kind: "gap", bytes: 7 });
    expect(ours(log)).toEqual([
      [1, "note", 0, "said"],
      [2, "gap", 7, ""],
    ]);
  });

  test("say so when they come too late", async () => {
    const log = await logOf(bytes("all of this is shown already"), TTY);
    expect(log.mark({ at: 3, kind: "gap", bytes: 1 })).toBe(false);
    expect(log.mark({ at: log.end, kind: "gap", bytes: 1 })).toBe(true);
  });
});

test("output that is there already is skipped, a hole refused", async () => {
  const log = await logOf(bytes("abc"), TTY);
  await log.append(1, bytes("bcd"));
  expect(texts(log)).toEqual(["abcd"]);
  await expect(log.append(9, bytes("x"))).rejects.toThrow(RangeError);
});

test("hostile sequences take no time to speak of", async () => {
  const hostile = ["L", "M", "S", "T", "I", "Z", "b", "@", "P", "X"]
    .map((f) => `x\x1b[2147483647${f}`)
    .join("")
    .repeat(100);
  const log = await logOf(
    bytes(
      `${hostile}\x1b[${"1;".repeat(60_000)}m\x1b]0;${"t".repeat(100_000)}\x07${"e\u0301\u0301\u0301".repeat(20_000)}`,
    ),
    TTY,
  );
  expect(log.end).toBeGreaterThan(100_000);
}, 5000);
