import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

const CSS = readFileSync(new URL("colours.css", import.meta.url), "utf8");

/** A colour as [lightness, chroma, hue] of OKLCH. */
type Oklch = [number, number, number];

interface Theme {
  scheme: "light" | "dark";
  /** The least contrast of text. */
  least: number;
  /** Where its colours are, the first that has one counting. */
  rules: string[];
}

const [USUAL = "", CONTRAST = ""] = [":root {", ':root[data-theme="contrast"] {'].map(
  (selector) => CSS.split(selector)[1]?.split("\n}")[0],
);

const THEMES: [string, Theme][] = [
  ["light", { scheme: "light", least: 4.5, rules: [USUAL] }],
  ["dark", { scheme: "dark", least: 4.5, rules: [USUAL] }],
  ["light, high contrast", { scheme: "light", least: 7, rules: [CONTRAST, USUAL] }],
  ["dark, high contrast", { scheme: "dark", least: 7, rules: [CONTRAST, USUAL] }],
];

function token(name: string, { scheme, rules }: Theme): Oklch {
  const pattern = new RegExp(`--${name}: light-dark\\(oklch\\(([^)]*)\\), oklch\\(([^)]*)\\)\\);`);
  const found = rules.map((rule) => rule.match(pattern)).find((match) => match);
  const text = found?.[scheme === "light" ? 1 : 2];
  if (!text) throw new Error(`no colour --${name}`);
  return text.split(" ").map(Number) as Oklch;
}

/** Linear sRGB, out of gamut channels clipped as a screen does. */
function linear([lightness, chroma, hue]: Oklch): number[] {
  const a = chroma * Math.cos((hue * Math.PI) / 180);
  const b = chroma * Math.sin((hue * Math.PI) / 180);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const rgb = [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
  return rgb.map((channel) => Math.min(1, Math.max(0, channel)));
}

/** WCAG 2 contrast. */
function contrast(a: Oklch, b: Oklch): number {
  const [one, two] = [a, b].map((colour) => {
    const [r = 0, g = 0, b = 0] = linear(colour);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
  }) as [number, number];
  return Math.max(one, two) / Math.min(one, two);
}

const sixteen = Array.from({ length: 16 }, (_, i) => i);

describe.each(THEMES)("on the theme %s", (_, theme) => {
  test.each(["ink", "quiet", "accent", "good", "warn", "bad"])("--%s is readable", (name) => {
    for (const ground of ["ground", "log-ground", "hover"]) {
      expect(contrast(token(name, theme), token(ground, theme))).toBeGreaterThanOrEqual(theme.least);
    }
  });

  test.each(sixteen)("terminal colour %d is readable as text", (n) => {
    expect(contrast(token(`f${n}`, theme), token("log-ground", theme))).toBeGreaterThanOrEqual(theme.least);
  });

  test.each(sixteen)("ink is readable on terminal colour %d", (n) => {
    expect(contrast(token("ink", theme), token(`b${n}`, theme))).toBeGreaterThanOrEqual(theme.least);
  });
});
