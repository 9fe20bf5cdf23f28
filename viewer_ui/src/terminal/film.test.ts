import fc from "fast-check";
import { expect, test } from "vitest";
import { Hole, type Stretch } from "../log/hole";
import type { Change } from "../replay/history";
import { Film } from "./film";
import { Screen } from "./screen";
import { Tail } from "./tail";

const SIZE = { cols: 40, rows: 6, convertEol: false };

/** A hub that has this output, and an index of it with an entry every so many bytes. */
class Output {
  asked = 0;
  #data: Uint8Array;

  constructor(
    text: string,
    private every = 256 * 1024,
    private hole = [0, 0],
  ) {
    this.#data = new TextEncoder().encode(text);
  }

  get end(): number {
    return this.#data.length;
  }

  slice(to: number): Uint8Array {
    return this.#data.subarray(0, to);
  }

  async json<T>(path: string): Promise<T> {
    const from = Number(path.split("=")[1]);
    const entries: unknown[] = from ? [] : [[0, 0, 0, 1, "", ""]];
    for (let at = this.every; at < this.end; at = (Math.floor(at / this.every) + 1) * this.every) {
      at = this.#data.indexOf(10, at) + 1 || this.end;
      if (at >= from) entries.push([at, 0, 0, 1, "", ""]);
    }
    return { size: this.end, entries } as T;
  }

  async *output(from: number, to: number): AsyncGenerator<Stretch & Uint8Array<ArrayBuffer>> {
    const [begin = 0, end = 0] = this.hole;
    this.asked += to - from;
    if (begin <= from && from < end) yield new Hole(end - from) as never;
    else yield this.#data.slice(from, from < begin ? Math.min(to, begin) : to) as never;
  }
}

const shown = (screen: Screen | undefined) => Array.from({ length: screen?.rows ?? 0 }, (_, y) => screen?.row(y));

function whole(output: Output, to: number): Screen {
  const screen = new Screen(SIZE);
  screen.write(output.slice(to));
  return screen;
}

const lines = (n: number) =>
  Array.from({ length: n }, (_, i) => `\x1b[3${i % 8}mline ${i}\x1b[0m and more\r\n`).join("");

test("is the screen at any offset, in whatever order they are asked for", async () => {
  const output = new Output(lines(3000));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(output.end), { minLength: 1, maxLength: 4 }), async (offsets) => {
      const film = new Film(output, new Tail(), SIZE, []);
      for (const offset of offsets) await film.show(offset);
      expect(shown(film.reel?.screen)).toEqual(shown(whole(output, offsets.at(-1) ?? 0)));
    }),
    { numRuns: 40 },
  );
});

test("begins shortly before an offset that is far in, and knows the screen by then", async () => {
  const output = new Output(lines(400_000));
  const film = new Film(output, new Tail(), SIZE, []);
  await film.show(output.end - 12_345);
  expect(output.asked).toBeLessThan(1024 * 1024);
  expect(film.reel?.screen.unknown).toBe(0);
  const { screen } = film.reel ?? {};
  const there = new Screen(SIZE);
  there.write(output.slice(output.end - 12_345).subarray(-10_000));
  expect(shown(screen).map((row) => row?.map(({ text }) => text))).toEqual(
    shown(there).map((row) => row?.map(({ text }) => text)),
  );
});

test("goes farther back where a bar has been drawn in place for long, and says what is left unknown", async () => {
  const bar = Array.from({ length: 150_000 }, (_, i) => `\rstep ${i} of many, many, many`).join("");
  const output = new Output(`${lines(10)}${bar}`);
  expect(output.end).toBeGreaterThan(4 * 1024 * 1024);
  const film = new Film(output, new Tail(), SIZE, []);
  await film.show(output.end);
  expect(output.asked).toBeLessThan(3 * 1024 * 1024);
  expect(shown(film.reel?.screen)[5]).toEqual([
    { text: "step 149999 of many, many, many", style: 0, cells: 0 },
    expect.anything(),
  ]);
  expect(film.reel?.screen.unknown).toBeGreaterThan(5 * 40);
});

test("applies a resize in its place, and knows nothing after a gap or a hole", async () => {
  const output = new Output("wide\r\n".padEnd(100, "x"), undefined, [60, 70]);
  const changes: Change[] = [
    { kind: "resize", at: 6, cols: 20, rows: 4 },
    { kind: "gap", at: 30 },
  ];
  const film = new Film(output, new Tail(), SIZE, changes);
  await film.show(28);
  expect([film.reel?.screen.cols, film.reel?.screen.unknown]).toEqual([20, 0]);
  await film.show(40);
  expect(film.reel?.screen.unknown).toBe(80 - 10);
  await film.show(75);
  expect(film.reel?.screen.unknown).toBe(80 - 5);
});

test("takes what has just come from where it is kept", async () => {
  const output = new Output(lines(50));
  const tail = new Tail();
  for (let at = 0; at < output.end; at += 100) tail.push(at, output.slice(at + 100).subarray(at));
  tail.push(0, output.slice(50));
  const film = new Film(output, tail, SIZE, []);
  await film.show(output.end);
  expect(output.asked).toBe(0);
  expect(shown(film.reel?.screen)).toEqual(shown(whole(output, output.end)));
});
