/** Terminal output as plain text, as the hub's `.txt` has it: escapes removed, a redrawn line in its last state. */

const TOKENS =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  /(?<erase>\x1b\[[02]?K)|\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]PX^_][^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?|\x1b[ -/]*[0-~]?|(?<move>[\r\b])|[\0-\x08\x0b-\x1f\x7f-\x9f]|(?<text>[^\0-\x08\x0b-\x1f\x7f-\x9f]+)/gu;

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const SPECIAL = /[\0-\x08\x0b-\x1f\x7f-\x9f]/;

/** A line without control characters, as a terminal would show it in the end. */
export function plainLine(written: string): string {
  const line = written.replace(/\r$/, "");
  if (!SPECIAL.test(line)) return line;
  const shown: string[] = [];
  let column = 0;
  for (const { groups = {} } of line.matchAll(TOKENS)) {
    const { text, erase, move } = groups;
    if (text !== undefined) {
      for (const character of text) shown[column++] = character;
    } else if (erase !== undefined) {
      // Of the whole line: what follows a \r is all there will be.
      shown.length = erase.includes("2") ? 0 : Math.min(column, shown.length);
      column = shown.length;
    } else if (move !== undefined) column = move === "\r" ? 0 : Math.max(0, column - 1);
  }
  const text = shown.join("");
  return line.includes("\r") ? text.replace(/ +$/, "") : text;
}
