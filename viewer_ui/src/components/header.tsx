/** Who runs what, how it stands and how far it is: never changes its height while a run is live. */

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { t } from "../messages";
import type { Progress } from "../progress/fold";
import { mainTask } from "../progress/main_task";
import { secondsLeft } from "../progress/words";
import type { Info } from "../protocol";
import { clock, commandLine, duration, elapsed, stateWords } from "../words";
import { PanelButton } from "./panel_button";
import { ROWS, Tasks } from "./tasks";

interface Props {
  run: Info;
  progress: Progress;
  /** The moment that is shown of the tasks, in seconds since the run's start. */
  time: number;
  /** The hub's time, when it was last in touch, and how far its clock is before ours, in seconds. */
  now: number;
  seen: number;
  skew: number;
  panel: boolean;
  onPanel: () => void;
  /** What else can be done, as buttons before that of the panel. */
  children?: ComponentChildren;
}

export function Header({ run, progress, time, now, seen, skew, panel, onPanel, children }: Props) {
  const place = [run.user && run.host ? `${run.user}@${run.host}` : run.host, run.cwd].filter(Boolean).join(" ");
  const command = commandLine(run.command ?? []);
  const [kept] = useState(run.ended === null ? ROWS : 1);
  const rows = Math.max(kept, Math.min(ROWS, progress.tasks.size));
  return (
    <header>
      <div class="identity">
        <State run={run} now={now} seen={seen} skew={skew} left={leftOf(run, progress, time)} command={command} />
        <span class="place" title={place}>
          {place}
        </span>
        <span class="viewers">{now === seen && run.viewers > 0 && t.count.watching(run.viewers)}</span>
      </div>
      <Tasks tasks={progress.tasks.values()} now={time} rows={rows} command={command} />
      <div class="actions">
        {children}
        <PanelButton counts={progress.counts} open={panel} onClick={onPanel} />
      </div>
    </header>
  );
}

interface StateProps extends Pick<Props, "run" | "now" | "seen" | "skew"> {
  left: number | null;
  command: string;
}

function State({ run, now, seen, skew, left, command }: StateProps) {
  const { state, shape, word, tone, detail, ago } = stateWords(run, now, seen);
  return (
    <>
      <h1 title={`${run.name}\n${command}`}>
        <span class={`shape ${tone}`} aria-hidden="true">
          {shape}
        </span>
        {run.name}
      </h1>
      <p class="state">
        <span class={`word ${tone}`}>
          <span role="status">{detail ? `${word} · ${detail}` : word}</span>
          {ago && <span title={t.header.heard(t.format.moment(run.heard - skew))}> · {ago}</span>}
        </span>
        <time class="elapsed" title={t.header.started(t.format.moment(run.started))}>
          {clock(elapsed(run, now, seen))}
        </time>
        {left !== null && state === "running" && <span class="eta">{t.header.eta(duration(left))}</span>}
      </p>
    </>
  );
}

/** The seconds that are left of the main task. */
function leftOf(run: Info, { tasks }: Progress, time: number): number | null {
  const main = run.state === "running" ? mainTask(tasks.values()) : undefined;
  return main ? secondsLeft(main, time) : null;
}
