/** Keys of the list: the run that has the focus is the one they are about. */

import type { KeyHelp } from "../components/keys";
import { t } from "../messages";
import type { ListedRun } from "../protocol";

export const LIST_KEYS = (): KeyHelp[] => [
  [["/"], t.list.keys.filter],
  [["j", "k"], t.list.keys.row],
  [["Enter"], t.list.keys.open],
  [["x"], t.list.keys.select],
  [["g"], t.list.keys.grid],
  [["s", "S"], t.list.keys.sort],
  [["p"], t.list.keys.keep],
  [["d"], t.list.keys.remove],
  [["Esc"], t.list.keys.back],
  [["?"], t.help.help],
];

/** Moves the focus to a run further down, or up; to the first one if no run has it. */
export function step(rows: number): void {
  const links = [...document.querySelectorAll<HTMLElement>(".run-link")];
  const focused = focusedLink();
  const place = focused ? links.indexOf(focused) : -1;
  const next = links[place < 0 ? 0 : Math.min(links.length - 1, Math.max(0, place + rows))];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

/** The run that has the focus. */
export function turnedTo(runs: ListedRun[]): ListedRun | undefined {
  const id = focusedLink()?.dataset.run;
  return runs.find((run) => run.id === id);
}

function focusedLink(): HTMLElement | undefined {
  const row = document.activeElement?.closest("tr, .tile");
  return row?.querySelector<HTMLElement>(".run-link") ?? undefined;
}
