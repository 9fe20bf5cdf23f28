/** What drawing is tested with: a corpus of escape sequences, and recordings of real programs. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export interface Output {
  name: string;
  data: Uint8Array;
  cols: number;
  rows: number;
}

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

/** Those beside the repository are read where they are, or in another folder that is named. */
const FOLDERS = [
  join(ROOT, "tests/recognise/recordings"),
  process.env.RECORDINGS ?? join(ROOT, "../shared/recordings"),
];

/** Each does something of its own to a small screen; `hex` where it isn't text. */
export function corpus(): Output[] {
  const cases: { name: string; output?: string; hex?: string }[] = JSON.parse(
    readFileSync(join(ROOT, "tests/vectors/escapes.json"), "utf8"),
  );
  return cases.map(({ name, output, hex }) => {
    const data = output === undefined ? Uint8Array.from(Buffer.from(hex ?? "", "hex")) : encoder.encode(output);
    return { name, data, cols: 20, rows: 6 };
  });
}

/** Recordings in asciicast v2: a header, then `[seconds, "o", text]` a line. */
export function recordings(): Output[] {
  return FOLDERS.filter((folder) => existsSync(folder)).flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith(".cast"))
      .map((name) => recording(join(folder, name), name)),
  );
}

function recording(path: string, name: string): Output {
  const [header = "", ...lines] = readFileSync(path, "utf8").trim().split("\n");
  const { width, height } = JSON.parse(header);
  const text = lines.map((line) => JSON.parse(line)[2]).join("");
  return { name, data: encoder.encode(text), cols: width, rows: height };
}

/** Up to `n` places in each of which a sequence or a character is cut, or a line has been ended, spread over all. */
export function interesting(data: Uint8Array, n: number): number[] {
  const places = Array.from(data.keys()).filter((i) => cuts(data[i - 1], data[i]));
  const step = Math.max(1, Math.floor(places.length / n));
  return places.filter((_, i) => i % step === 0);
}

function cuts(before = 0, after = 0): boolean {
  const [ESCAPE, RETURN, BRACKET, SEMICOLON] = [0x1b, 13, 0x5b, 0x3b];
  return [ESCAPE, RETURN, BRACKET, SEMICOLON].includes(before) || (after & 0xc0) === 0x80;
}

const encoder = new TextEncoder();
