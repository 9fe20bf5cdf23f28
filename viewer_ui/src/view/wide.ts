/** Wide characters in cells: as in a terminal, each takes the room of two narrow ones, so that columns stay columns. */

/** East Asian Wide and Fullwidth (Unicode Standard Annex 11), with what is drawn on them or joined to them. */
const LETTER =
  "[\\u1100-\\u115f\\u2e80-\\u303e\\u3041-\\ua4cf\\ua960-\\ua97c\\uac00-\\ud7a3\\uf900-\\ufaff\\ufe30-\\ufe6f\\uff01-\\uff60\\uffe0-\\uffe6\\u{20000}-\\u{3fffd}][\\p{M}\\u1160-\\u11ff]*";

/** One picture; those that are drawn together with others are left to the font. */
const PICTURE = "(?<!\\u200d)\\p{Emoji_Presentation}(?![\\u200d\\ufe0f\\u{1f3fb}-\\u{1f3ff}])";

const WIDE = new RegExp(`${LETTER}|${PICTURE}`, "gu");

/** No character before these is wide. */
const MAYBE = /[\u1100-\uffff]/;

/** How many cells a text takes, about: pictures that are drawn together count for each of their parts. */
export function cells(text: string): number {
  if (!MAYBE.test(text)) return text.length;
  return [...text.matchAll(WIDE)].reduce((sum, [found]) => sum + 2 - found.length, text.length);
}

/** Appends a text, its wide characters each in an element that has its width, since no two fonts give them the same. */
export function appendInCells(parent: Node & ParentNode, text: string): void {
  let from = 0;
  for (const { 0: found, index } of MAYBE.test(text) ? text.matchAll(WIDE) : []) {
    if (index > from) parent.append(text.slice(from, index));
    const wide = document.createElement("span");
    wide.className = "wide";
    wide.append(found);
    parent.append(wide);
    from = index + found.length;
  }
  if (from < text.length) parent.append(text.slice(from));
}
