/** How a terminal's text looks: attributes and the sixteen colours as classes, all other colours through CSSOM. */

import {
  BOLD,
  type Colour,
  DIM,
  INVERSE,
  INVISIBLE,
  ITALIC,
  STRIKE,
  type Style,
  TRUE_COLOUR,
  UNDERLINE,
} from "../log/styles";

const FLAGS: [number, string][] = [
  [BOLD, "bold"],
  [DIM, "dim"],
  [ITALIC, "italic"],
  [UNDERLINE, "underline"],
  [STRIKE, "strike"],
  [INVISIBLE, "invisible"],
];

/** Gives an element the looks of a terminal's text. */
export function dress(span: HTMLElement, style: Style): void {
  const inverse = (style.flags & INVERSE) !== 0;
  const [ink, paper] = inverse ? [style.background, style.foreground] : [style.foreground, style.background];
  // On one of the sixteen grounds the theme's ink stays the readable one.
  if (inverse && ink === -1 && !(paper >= 0 && paper < 16)) span.classList.add("ink-paper");
  if (inverse && paper === -1) span.classList.add("paper-ink");
  for (const [flag, name] of FLAGS) if (style.flags & flag) span.classList.add(name);
  if (paper !== -1) colour(span, "background", paper);
  // On a coloured ground the theme's own ink is the readable black, white or default.
  const neutral = ink === 0 || ink === 7 || ink === 8 || ink === 15;
  if (ink !== -1 && !(neutral && paper >= 0 && paper < 16)) colour(span, "color", ink);
}

function colour(span: HTMLElement, what: "color" | "background", colour: Colour): void {
  if (colour < 16) span.classList.add(what === "color" ? `f${colour}` : `b${colour}`);
  else span.style.setProperty(what, colour & TRUE_COLOUR ? hex(colour & 0xffffff) : palette(colour));
}

/** xterm's colours 16 to 255: a cube of six steps, then greys. */
function palette(index: number): string {
  if (index >= 232) return hex((8 + (index - 232) * 10) * 0x010101);
  const step = (n: number) => (n ? 55 + n * 40 : 0);
  const cube = index - 16;
  return hex((step(Math.floor(cube / 36)) << 16) | (step(Math.floor(cube / 6) % 6) << 8) | step(cube % 6));
}

function hex(rgb: number): string {
  return `#${rgb.toString(16).padStart(6, "0")}`;
}
