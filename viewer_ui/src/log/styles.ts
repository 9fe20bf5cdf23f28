/** Interns how text looks (colours and attributes), so that a line's runs carry small numbers. */

import type { IBufferCell } from "@xterm/headless";

export const BOLD = 1;
export const DIM = 2;
export const ITALIC = 4;
export const UNDERLINE = 8;
export const INVERSE = 16;
export const STRIKE = 32;
export const INVISIBLE = 64;

/** A palette index from 0 to 255, a true colour as 0x1rrggbb, or -1 where the theme's own colour is meant. */
export type Colour = number;
export const TRUE_COLOUR = 0x1000000;

export interface Style {
  foreground: Colour;
  background: Colour;
  flags: number;
}

const PLAIN: Style = { foreground: -1, background: -1, flags: 0 };

export class Styles {
  #styles: Style[] = [PLAIN];
  #ids = new Map<string, number>();
  #last = { foreground: 0, background: 0, flags: 0, id: 0 };

  get(id: number): Style {
    return this.#styles[id] ?? PLAIN;
  }

  /** The number of the cell's style; 0 is plain text. */
  of(cell: IBufferCell): number {
    if (cell.isAttributeDefault()) return 0;
    const style = { foreground: foreground(cell), background: background(cell), flags: flags(cell) };
    const last = this.#last;
    const same =
      last.id &&
      style.foreground === last.foreground &&
      style.background === last.background &&
      style.flags === last.flags;
    if (!same) this.#last = { ...style, id: this.#intern(style) };
    return this.#last.id;
  }

  #intern(style: Style): number {
    const { foreground, background, flags } = style;
    if (foreground === -1 && background === -1 && flags === 0) return 0;
    const key = `${foreground} ${background} ${flags}`;
    const id = this.#ids.get(key) ?? this.#styles.push(style) - 1;
    this.#ids.set(key, id);
    return id;
  }
}

function foreground(cell: IBufferCell): Colour {
  if (cell.isFgDefault()) return -1;
  return cell.isFgRGB() ? TRUE_COLOUR | cell.getFgColor() : cell.getFgColor();
}

function background(cell: IBufferCell): Colour {
  if (cell.isBgDefault()) return -1;
  return cell.isBgRGB() ? TRUE_COLOUR | cell.getBgColor() : cell.getBgColor();
}

function flags(cell: IBufferCell): number {
  return (
    (cell.isBold() && BOLD) |
    (cell.isDim() && DIM) |
    (cell.isItalic() && ITALIC) |
    (cell.isUnderline() && UNDERLINE) |
    (cell.isInverse() && INVERSE) |
    (cell.isStrikethrough() && STRIKE) |
    (cell.isInvisible() && INVISIBLE)
  );
}

/** Text and how it looks: `runs` is pairs of (where in the text, style), each lasting until the next. */
export interface StyledText {
  text: string;
  runs: number[];
}

/** `a` followed by `b`. */
export function join(a: StyledText, b: StyledText): StyledText {
  if (!a.text) return b;
  const runs = a.runs.slice();
  const continues = b.runs[0] === 0;
  if (!continues && lastStyle(runs) !== 0) runs.push(a.text.length, 0);
  for (let i = 0; i < b.runs.length; i += 2) runs.push((b.runs[i] ?? 0) + a.text.length, b.runs[i + 1] ?? 0);
  return { text: a.text + b.text, runs };
}

function lastStyle(runs: number[]): number {
  return runs.length ? (runs[runs.length - 1] ?? 0) : 0;
}
