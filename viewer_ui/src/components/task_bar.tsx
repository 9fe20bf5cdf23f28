/** One task in a row: its name, a bar, and its numbers. */

import { t } from "../messages";
import type { TaskRow } from "../progress/shown";
import type { Task } from "../progress/task";
import { amountWords, percentWords, rateWords, taskSentence, timeWords } from "../progress/words";

const SHAPES: Record<Task["state"], { shape: string; tone: string }> = {
  running: { shape: "", tone: "live" },
  indeterminate: { shape: "", tone: "live" },
  paused: { shape: "‖", tone: "quiet" },
  done: { shape: "✓", tone: "good" },
  failed: { shape: "✗", tone: "bad" },
};

/** `now` is in seconds since the run's start. */
export function TaskBar({ row: { task, depth }, now }: { row: TaskRow; now: number }) {
  const { shape, tone } = SHAPES[task.state];
  const name = task.label || t.tasks.unnamed;
  return (
    <li class={`task ${tone}`}>
      <span class="task-name" title={name}>
        {depth > 0 && (
          <span class="nested" aria-hidden="true" style={{ paddingLeft: `${depth - 1}em` }}>
            └{" "}
          </span>
        )}
        {shape && (
          <span class={`task-shape ${tone}`} title={t.tasks.state[task.state]} aria-hidden="true">
            {shape}{" "}
          </span>
        )}
        <bdi>{name}</bdi>
      </span>
      <Bar task={task} name={name} words={taskSentence(task, now)} />
      <span class="task-amount">{amountWords(task)}</span>
      <span class="task-percent">{task.percent !== null && percentWords(task.percent)}</span>
      <span class="task-rate">{task.state === "running" && rateWords(task)}</span>
      <span class="task-time">{timeWords(task, now)}</span>
    </li>
  );
}

function Bar({ task: { percent }, name, words }: { task: Task; name: string; words: string }) {
  const value = percent === null ? {} : { "aria-valuenow": Math.floor(percent) };
  return (
    <div
      class={percent === null ? "bar unknown" : "bar"}
      role="progressbar"
      aria-label={name}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuetext={words}
      {...value}
    >
      <div class="fill" style={{ transform: `scaleX(${(percent ?? 100) / 100})` }} />
    </div>
  );
}
