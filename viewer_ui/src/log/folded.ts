/** The rows that are shown of a log: a heading for each group, and nothing of those that are folded. */

import type { Group } from "./groups";

/** What stands at a row: the heading of a group, or a row of the log. */
export type Shown = { group: Group; row: number | undefined } | { group: undefined; row: number };

/** From shown row `at` on stands a heading, or the log from `row` on. */
interface Stretch {
  at: number;
  row: number;
  group: Group | undefined;
}

export class Folded {
  #stretches: Stretch[];

  constructor(groups: Group[], folded: ReadonlySet<number>) {
    this.#stretches = stretchesOf(groups, folded);
  }

  /** How many rows are shown of the first `rows` of the log. */
  count(rows: number): number {
    const { at, row, group } = this.#last((stretch) => stretch.row <= rows);
    return group ? at + 1 : at + rows - row;
  }

  at(index: number): Shown {
    const { at, row, group } = this.#last((stretch) => stretch.at <= index);
    return group ? { group, row: group.headed ? row : undefined } : { group, row: row + index - at };
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

  /** The last stretch for which `before` holds: of all the first ones. */
  #last(before: (stretch: Stretch) => boolean): Stretch {
    let [low, high] = [0, this.#stretches.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (before(this.#stretches[middle] as Stretch)) low = middle;
      else high = middle - 1;
    }
    return this.#stretches[low] as Stretch;
  }
}

function stretchesOf(groups: Group[], folded: ReadonlySet<number>): Stretch[] {
  const stretches: Stretch[] = [];
  let [at, row] = [0, 0];
  const rowsUpTo = (to: number) => {
    if (to > row) stretches.push({ at, row, group: undefined });
    at += Math.max(0, to - row);
    row = Math.max(row, to);
  };
  const away = new Set<Group>();
  for (const group of groups) {
    const { parent } = group;
    if (parent && (away.has(parent) || folded.has(parent.seq))) away.add(group);
    if (away.has(group)) continue;
    rowsUpTo(group.row);
    stretches.push({ at: at++, row, group });
    if (group.headed) row++;
    if (!folded.has(group.seq)) continue;
    if (group.end === undefined) return stretches;
    row = Math.max(row, group.end);
  }
  stretches.push({ at, row, group: undefined });
  return stretches;
}
