/** The header's tasks: as many rows as have been kept free, the others behind a button, over the log. */

import { useLayoutEffect, useState } from "preact/hooks";
import { t } from "../messages";
import { inTree, mostTelling } from "../progress/shown";
import type { Task } from "../progress/task";
import { TaskBar } from "./task_bar";

/** The most rows in the header. */
export const ROWS = 3;

interface Props {
  tasks: Iterable<Task>;
  /** In seconds since the run's start. */
  now: number;
  /** How many rows are kept free for them. */
  rows: number;
  /** What is said as long as there is no task. */
  command: string;
}

export function Tasks({ tasks, now, rows, command }: Props) {
  const [all, setAll] = useState(false);
  const tree = inTree(tasks);
  const shown = mostTelling(tree, rows);
  const more = tree.length - shown.length;
  useEscape(all, () => setAll(false));
  return (
    <section class="tasks" aria-label={t.tasks.title} style={{ "--rows": String(rows) }}>
      {tree.length === 0 && (
        <code class="command" title={command}>
          {command}
        </code>
      )}
      <ul>
        {shown.map((row) => (
          <TaskBar key={row.task.id} row={row} now={now} />
        ))}
      </ul>
      {more > 0 && (
        <button type="button" class="more-tasks" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? t.tasks.fewer : t.tasks.more(more)}
        </button>
      )}
      {all && more > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
        <ul class="all-tasks" aria-label={t.tasks.all} tabIndex={0}>
          {tree.map((row) => (
            <TaskBar key={row.task.id} row={row} now={now} />
          ))}
        </ul>
      )}
    </section>
  );
}

/** Calls `act` when Escape is pressed while `active`. */
export function useEscape(active: boolean, act: () => void): void {
  useLayoutEffect(() => {
    if (!active) return;
    const pressed = ({ key }: KeyboardEvent) => key === "Escape" && act();
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  });
}
