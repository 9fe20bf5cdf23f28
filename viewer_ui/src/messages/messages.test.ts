import { readdirSync, readFileSync } from "node:fs";
import { afterEach, describe, expect, test } from "vitest";
import { duration, size } from "../words";
import { chosen, speak, t } from ".";

afterEach(() => speak(["en"]));

test.each([
  [["de-AT", "en"], "de"],
  [["zh-Hant-TW"], "zh"],
  [["fr", "DE"], "de"],
  [["en-GB", "de"], "en"],
  [["fr", "constructor"], "en"],
  [[], "en"],
])("who wants %j reads %s", (wanted, language) => expect(chosen(wanted)).toBe(language));

test("nouns agree with their number, and numbers are grouped", () => {
  expect([t.count.lines(1), t.count.bytes(12_288)]).toEqual(["1 line", "12,288 bytes"]);
});

test("German", async () => {
  await speak(["de"]);
  expect([t.count.lines(1), t.count.bytes(12_288), t.count.errors(1)]).toEqual(["1 Zeile", "12.288 Bytes", "1 Fehler"]);
  expect([size(1234), duration(7500), t.format.figure(0.3333)]).toEqual(["1,2 kB", "2 h 5 min", "0,3333"]);
  expect(t.log.missing(1, t.log.damaged)).toBe("Hier fehlt 1 Byte: im Speicher des Hubs beschädigt");
});

test("Chinese", async () => {
  await speak(["zh-CN"]);
  expect([t.count.lines(12_288), duration(72), t.units.percent("42")]).toEqual(["12,288 行", "1 分钟", "42%"]);
});

const COMPONENTS = new URL("../components/", import.meta.url);

describe("no component has words of its own", () => {
  test.each(readdirSync(COMPONENTS).filter((name) => name.endsWith(".tsx")))("%s", (name) => {
    const source = readFileSync(new URL(name, COMPONENTS), "utf8");
    expect(source.match(/(aria-label|title|placeholder)="[^"]*[a-z][^"]*"/g)).toBeNull();
    // Text between tags, or alone on a line that isn't code.
    expect(source.match(/>[^<>{}()=;\n]*[a-z]{2,}[^<>{}()=;\n]*<\//g)).toBeNull();
  });
});
