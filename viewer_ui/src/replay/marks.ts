/** What stands on the time line beside the output's density, in seconds since the run's start. Pure. */

import type { Progress } from "../progress/fold";
import { isUnderWay } from "../progress/main_task";
import type { Series } from "../progress/series";
import { inTree } from "../progress/shown";

export interface Span {
  from: number;
  to: number;
  /** In which row, from 0. */
  row: number;
  state: string;
}

/** The most rows of tasks, and the most tasks drawn. */
export const ROWS = 3;
const TASKS = 60;

/** When tasks were under way, until `now` where they are still; nested ones below their parents. */
export function spans({ tasks }: Progress, now: number): Span[] {
  return inTree(tasks.values())
    .filter(({ depth }) => depth < ROWS)
    .slice(0, TASKS)
    .map(({ task, depth }) => {
      return { from: task.began, to: isUnderWay(task) ? now : task.t, row: depth, state: task.state };
    });
}

/** The heights from 0 to 1 of parts of so many bytes: logarithms, so that a line shows beside a flood. */
export function heights(bytes: number[]): number[] {
  const most = Math.log1p(Math.max(1, ...bytes));
  return bytes.map((n) => Math.log1p(n) / most);
}

/** An SVG path of bars as high as `heights`, in a box of `width` × `height`. */
export function bars(heights: number[], width: number, height: number): string {
  const step = width / Math.max(1, heights.length);
  return heights
    .map((part, i) => (part ? `M${round(i * step)} ${height}v${-round(part * height)}h${round(step)}V${height}z` : ""))
    .join("");
}

/** An SVG path along a series, over so many seconds. */
export function curve({ times, values }: Series, duration: number, width: number, height: number): string {
  const most = Math.max(...values, 1e-9);
  const step = Math.max(1, Math.floor(values.length / width));
  return values
    .map((value, i) => [times[i] ?? 0, value] as const)
    .filter((_, i) => i % step === 0)
    .map(([t, value], i) => {
      const [x, y] = [round((t / duration) * width), round(height * (1 - Math.max(0, value) / most))];
      return `${i ? "L" : "M"}${x} ${y}`;
    })
    .join("");
}

function round(n: number): number {
  return Math.round(n * 10) / 10;
}
