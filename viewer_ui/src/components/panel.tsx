/** Everything there is to know beside the output: metrics, resources, notes, tasks and the run's facts. */

import { useEffect, useRef } from "preact/hooks";
import { t } from "../messages";
import { isOver } from "../notify/moments";
import type { Note, Progress } from "../progress/fold";
import { inTree } from "../progress/shown";
import type { Info } from "../protocol";
import { Facts } from "./facts";
import { Metrics, Resources } from "./metrics";
import { Notes } from "./notes";
import { Section } from "./section";
import { TaskBar } from "./task_bar";
import { useEscape } from "./tasks";

interface Props {
  run: Info;
  progress: Progress;
  /** In seconds since the run's start. */
  now: number;
  /** It covers the log, as on a phone. */
  sheet: boolean;
  onClose: () => void;
  onNote: (note: Note) => void;
}

export function Panel({ run, progress, now, sheet, onClose, onNote }: Props) {
  const close = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!sheet) return;
    const before = document.activeElement;
    close.current?.focus();
    return () => {
      if (before instanceof HTMLElement) before.focus();
    };
  }, [sheet]);
  useEscape(sheet, onClose);
  const tasks = inTree(progress.tasks.values());
  // What went wrong is asked first of a run that is over; while it goes on, nothing above may push the charts down.
  const over = isOver(run);
  const notes = <Notes notes={progress.notes} counts={progress.counts} onNote={onNote} />;
  return (
    <aside id="panel" aria-label={t.panel.title}>
      <button type="button" class="close" aria-label={t.panel.close} ref={close} onClick={onClose}>
        ✕
      </button>
      {over && notes}
      <Metrics metrics={progress.metrics} run={run} />
      <Resources metrics={progress.metrics} />
      {!over && notes}
      {tasks.length > 0 && (
        <Section title={t.tasks.title}>
          <ul class="panel-tasks">
            {tasks.map((row) => (
              <TaskBar key={row.task.id} row={row} now={now} />
            ))}
          </ul>
        </Section>
      )}
      <Facts run={run} />
    </aside>
  );
}
