/** The rows that are shown of a log: a heading for each group, and nothing of those that are folded. */

import type { Group } from "./groups";
import { lastWhere } from "./growing";

/** What stands at a shown row: the heading of a group, a silence before a row of the log, or that row itself. */
export interface Shown {
  /** The row of the log that it is or, of what isn't the log's own, stands before. */
  row: number;
  group: Group | undefined;
  silence: Silence | undefined;
}

/** So many seconds without output, up to an offset, before a row of the log. */
export interface Silence {
  at: number;
  row: number;
  seconds: number;
}

/** From shown row `at` on stands a heading, a silence, or the log from `row` on. */
interface Stretch extends Shown {
  at: number;
}

export class Folded {
  #stretches: Stretch[];

  /** Groups and silences are in the order of their rows. */
  constructor(groups: Group[], folded: ReadonlySet<number>, silences: Silence[] = []) {
    this.#stretches = stretchesOf(groups, folded, silences);
  }

  /** How many rows are shown of the first `rows` of the log. */
  count(rows: number): number {
    const { at, row, group, silence } = this.#last((stretch) => stretch.row <= rows);
    return group || silence ? at + 1 : at + rows - row;
  }

  at(index: number): Shown {
    const shown = this.#last((stretch) => stretch.at <= index);
    return shown.group || shown.silence ? shown : { ...shown, row: shown.row + index - shown.at };
  }

  /** Where a row of the log is shown, or the heading it is folded under. */
  indexOf(row: number): number {
    const { at, row: from, group } = this.#last((stretch) => stretch.row <= row);
    return group ? at : at + row - from;
  }

  /** Where the heading of a group is, undefined when it is folded away itself. */
  indexOfGroup(seq: number): number | undefined {
    return this.#stretches.find(({ group }) => group?.seq === seq)?.at;
  }

  indexOfSilence(at: number): number | undefined {
    return this.#stretches.find(({ silence }) => silence?.at === at)?.at;
  }

  /** The last stretch for which `before` holds: of all the first ones. */
  #last(before: (stretch: Stretch) => boolean): Stretch {
    const stretches = this.#stretches;
    return stretches[lastWhere(stretches.length, (i) => before(stretches[i] as Stretch))] as Stretch;
  }
}

function stretchesOf(groups: Group[], folded: ReadonlySet<number>, silences: Silence[]): Stretch[] {
  const stretches: Stretch[] = [];
  let [at, row, heard] = [0, 0, 0];
  const linesUpTo = (to: number) => {
    if (to > row) stretches.push({ at, row, group: undefined, silence: undefined });
    at += Math.max(0, to - row);
    row = Math.max(row, to);
  };
  const rowsUpTo = (to: number) => {
    for (let silence = silences[heard]; silence && silence.row <= to; silence = silences[++heard]) {
      if (silence.row < row) continue; // folded away
      linesUpTo(silence.row);
      stretches.push({ at: at++, row, group: undefined, silence });
    }
    if (Number.isFinite(to)) linesUpTo(to);
  };
  const away = new Set<Group>();
  for (const group of groups) {
    const { parent } = group;
    if (parent && (away.has(parent) || folded.has(parent.seq))) away.add(group);
    if (away.has(group)) continue;
    rowsUpTo(group.row);
    stretches.push({ at: at++, row, group, silence: undefined });
    if (group.headed) row++;
    if (!folded.has(group.seq)) continue;
    if (group.end === undefined) return stretches;
    row = Math.max(row, group.end);
  }
  rowsUpTo(Number.POSITIVE_INFINITY);
  stretches.push({ at, row, group: undefined, silence: undefined });
  return stretches;
}
