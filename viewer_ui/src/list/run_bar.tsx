/** How far a run's main task is: a bar, and the percent in figures. */

import { percentWords } from "../progress/words";
import type { ListedRun } from "../protocol";

export function RunBar({ run, tone }: { run: ListedRun; tone: string }) {
  const { progress } = run;
  if (!progress) return null;
  const { percent, label } = progress;
  const words = percent === null ? label : percentWords(percent);
  return (
    <span class={`run-bar task ${tone}`}>
      <span
        class={percent === null ? "bar unknown" : "bar"}
        role="progressbar"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuetext={words}
        {...(percent === null ? {} : { "aria-valuenow": Math.floor(percent) })}
      >
        <span class="fill" style={{ transform: `scaleX(${(percent ?? 100) / 100})` }} />
      </span>
      <span class="run-percent">{percent !== null && words}</span>
    </span>
  );
}
