/** Divides output into parts that can be drawn each by itself, by the hub's index of it. */

/** The stretch of output from offset `at` to the next entry: see docs/protocol.md. */
export interface Entry {
  at: number;
  /** How many newlines come before. */
  line: number;
  /** Whether it takes a terminal to say which lines it makes. */
  drawn: boolean;
  /** The sequence that brings a new terminal's style to what is in force at `at`. */
  style: string;
}

/** A part of the output, `[at, to)`, with so many newlines before and in it. */
export interface Planned {
  at: number;
  to: number;
  line: number;
  lines: number;
  style: string;
}

/** The parts before the last one, and where that begins, whose end may still grow. */
export interface Plan {
  parts: Planned[];
  last: { at: number; line: number; style: string };
}

/** Of output that is read from the first byte. */
export const WHOLE: Plan = { parts: [], last: { at: 0, line: 0, style: "" } };

/** A part is about this large, or as large as what is drawn together: but no more than the most. */
const PART = 1024 * 1024;
const MOST = 16 * 1024 * 1024;

/**
 * The parts of what was indexed.
 *
 * What a program draws may change the lines before, and leaves the cursor among its own. So no part begins or ends
 * there, but with plain lines between, of which `screenful` push everything off the screen.
 */
export function planOf(entries: Entry[], screenful: number, about = PART): Plan {
  const borders = bordersOf(entries, screenful);
  const parts: Planned[] = [];
  let first = entries[0] ?? WHOLE.last;
  let border = first;
  const cut = (next: Plan["last"]) => {
    const { at, line, style } = first;
    parts.push({ at, to: next.at, line, lines: next.line - line, style });
    first = next;
  };
  for (const [i, entry] of entries.entries()) {
    if (!i) continue;
    if (borders[i]) border = entry;
    if (border.at - first.at >= about) cut(border);
    else if (entry.at - first.at >= MOST) cut(entry);
  }
  return { parts, last: first };
}

/** Before which stretches a part may end. */
function bordersOf(entries: Entry[], screenful: number): boolean[] {
  const lines = entries.map(({ line }, i) => (entries[i + 1]?.line ?? line) - line);
  const after = plainSince(entries, lines);
  const before = plainSince(entries.toReversed(), lines.toReversed()).toReversed();
  return entries.map((_, i) => (after[i - 1] ?? 0) >= screenful && (before[i] ?? 0) >= screenful);
}

/** For each stretch, how many plain lines there have been since something was drawn: at the begin, any number. */
function plainSince(entries: Entry[], lines: number[]): number[] {
  let plain = Number.POSITIVE_INFINITY;
  return entries.map(({ drawn }, i) => {
    plain = drawn ? 0 : plain + (lines[i] ?? 0);
    return plain;
  });
}
