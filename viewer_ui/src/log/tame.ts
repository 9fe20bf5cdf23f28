/** Whether output stays below what was there: text, colours, and what changes the line it is on. */

const [BACKSPACE, TAB, NEWLINE, RETURN, ESCAPE] = [8, 9, 10, 13, 27];
const OPEN = 0x5b;
/** How a control character begins that has two bytes in UTF-8, if the second is below 0xa0. */
const C1 = 0xc2;
const [DIGIT, SEMICOLON] = [0x30, 0x3b];
/** The final bytes of a sequence of colours, and of one that erases in its line. */
const [COLOURS, ERASE] = [0x6d, 0x4b];

/** `convertEol`: whether a bare newline returns to the first column. */
export function tame(data: Uint8Array, convertEol: boolean): boolean {
  for (let at = 0; at < data.length; at++) {
    const byte = data[at] as number;
    if (byte === C1 && (data[at + 1] ?? 0) < 0xa0) return false;
    if (byte >= 0x20 && byte !== 0x7f) continue;
    if (byte === TAB || byte === RETURN || byte === BACKSPACE) continue;
    if (byte === NEWLINE && (convertEol || data[at - 1] === RETURN)) continue;
    if (byte !== ESCAPE || data[at + 1] !== OPEN) return false;
    at = sequenceEnd(data, at + 2);
    if (data[at] !== COLOURS && data[at] !== ERASE) return false;
  }
  return true;
}

function sequenceEnd(data: Uint8Array, from: number): number {
  let at = from;
  for (let byte = data[at] ?? 0; byte >= DIGIT && byte <= SEMICOLON; byte = data[at] ?? 0) at++;
  return at;
}
