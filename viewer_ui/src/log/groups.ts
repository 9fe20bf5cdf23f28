/** Parts of the output with a name, as events open and close them: nested, timed, and failed when an error lies inside. */

export interface Group {
  /** The number of the event that opened it. */
  seq: number;
  name: string;
  parent: Group | undefined;
  /** How many it is nested in. */
  depth: number;
  /** When it was opened and closed, in seconds since the run's start. */
  from: number;
  to: number | undefined;
  state: "running" | "done" | "failed";
  /** Its first row, and the one after its last; undefined while it grows. */
  row: number;
  end: number | undefined;
  /** Whether the first row is the job's own line that opened it; else it has a heading of ours before that row. */
  headed: boolean;
}

/** What groups are made of, in the order of the output: `row` is where it happened. */
export type Turn = { seq: number; at: number; t: number; row: number } & (
  | { kind: "open"; name: string; headed: boolean }
  | { kind: "close"; name: string }
  | { kind: "error" }
  | { kind: "exit"; failed: boolean }
);

/** The most turns kept: events may be anybody's. */
export const TURNS = 4000;

/** The groups of a log whose turns may come in any order. */
export class Groups {
  readonly turns: Turn[] = [];
  #groups: Group[] | undefined;

  add(turn: Turn): void {
    if (this.turns.length >= TURNS && turn.kind !== "exit") return;
    const before = this.turns.findLastIndex(({ at, seq }) => at < turn.at || (at === turn.at && seq < turn.seq));
    // Two logs may share a part, and each tells it.
    if (this.turns[before + 1]?.seq === turn.seq) return;
    this.turns.splice(before + 1, 0, turn);
    this.#groups = undefined;
  }

  /** In the order in which they begin. */
  get all(): Group[] {
    this.#groups ??= groupsOf(this.turns);
    return this.#groups;
  }
}

/** The groups that turns, in the order of the output, make. */
export function groupsOf(turns: Turn[]): Group[] {
  const groups: Group[] = [];
  let open: Group[] = [];
  const bounds = boundsOf(turns);
  // Rows that are known about alone still go down the log.
  let row = 0;
  for (const [i, turn] of turns.entries()) {
    const headed = turn.kind === "open" && turn.headed && turn.row >= row;
    if (turn.kind !== "error") row = Math.max(row, Math.min(turn.row, bounds[i] ?? turn.row));
    if (turn.kind === "error") fail(open.at(-1));
    else if (turn.kind === "open") {
      const group = opened(turn, open.at(-1), row, headed);
      groups.push(group);
      open.push(group);
      if (headed) row++;
    } else {
      const from = turn.kind === "exit" ? 0 : whichCloses(open, turn.name);
      for (const group of open.slice(from)) close(group, turn, row);
      open = open.slice(0, from);
    }
  }
  // What holds an error has failed, and what holds that: parents come before what is in them.
  for (const { state, parent } of groups.toReversed()) if (state === "failed") fail(parent);
  return groups;
}

/** For each turn the row of the next line that opens a group: what closes there may be known only after that line. */
function boundsOf(turns: Turn[]): number[] {
  let bound = Number.POSITIVE_INFINITY;
  return turns
    .toReversed()
    .map((turn) => {
      if (turn.kind === "open" && turn.headed) bound = Math.min(bound, turn.row);
      return bound;
    })
    .toReversed();
}

function fail(group: Group | undefined): void {
  if (group) group.state = "failed";
}

function opened(
  { seq, name, t }: Turn & { kind: "open" },
  parent: Group | undefined,
  row: number,
  headed: boolean,
): Group {
  const depth = parent ? parent.depth + 1 : 0;
  return { seq, name, parent, depth, from: t, to: undefined, state: "running", row, end: undefined, headed };
}

/** The innermost of that name, else the innermost; what is open inside ends with it. */
function whichCloses(open: Group[], name: string): number {
  const named = open.findLastIndex((group) => group.name === name);
  return named < 0 ? Math.max(0, open.length - 1) : named;
}

/** What follows a job's end is in no group's way: those that were open go on to the end of the log. */
function close(group: Group, turn: Turn & { kind: "close" | "exit" }, row: number): void {
  const failed = group.state === "failed" || (turn.kind === "exit" && turn.failed);
  group.state = failed ? "failed" : "done";
  group.to = turn.t;
  group.end = turn.kind === "exit" ? undefined : row;
}
