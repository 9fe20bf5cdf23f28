/** A small chart by uPlot, in the page's colours. Loaded apart from the page, which does without until it is asked for. */

import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { Series } from "../progress/series";
import { figure } from "../progress/words";
import { colourOf, onColours } from "../theme";
import { clock } from "../words";

const HEIGHT = 96;
const Y_AXIS = 60;
const X_AXIS = 24;
const FONT = "11px system-ui, sans-serif";

export class Plot {
  #plot: uPlot;
  #width = new ResizeObserver(() => this.#plot.setSize({ width: this.place.clientWidth, height: HEIGHT }));
  #forget = onColours(() => this.#plot.redraw());

  /** `onPoint` is told which point is pointed at. */
  constructor(
    private place: HTMLElement,
    private series: Series,
    marks: (value: number) => string,
    onPoint: (index: number | undefined) => void,
  ) {
    this.#plot = new uPlot(this.#options(marks, onPoint), this.#data, place);
    this.#width.observe(place);
  }

  update(series: Series): void {
    this.series = series;
    this.#plot.setData(this.#data);
  }

  destroy(): void {
    this.#forget();
    this.#width.disconnect();
    this.#plot.destroy();
  }

  get #data(): uPlot.AlignedData {
    const { stepped, steps, times, values } = this.series;
    return [stepped ? (steps as number[]) : times, values];
  }

  #options(marks: (value: number) => string, onPoint: (index: number | undefined) => void): uPlot.Options {
    const quiet = () => colourOf(this.place, "--quiet");
    const axis = { stroke: quiet, font: FONT, ticks: { show: false } };
    const x = (value: number) => (this.series.stepped ? figure(value) : clock(value));
    return {
      width: this.place.clientWidth,
      height: HEIGHT,
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false } },
      scales: { x: { time: false } },
      series: [{}, { stroke: () => colourOf(this.place, "--accent"), width: 1.5, points: { show: false } }],
      axes: [
        { ...axis, size: X_AXIS, gap: 8, space: 56, grid: { show: false }, values: (_, at) => at.map(x) },
        {
          ...axis,
          size: Y_AXIS,
          gap: 4,
          space: 28,
          grid: { stroke: () => colourOf(this.place, "--line"), width: 1 },
          values: (_, at) => at.map(marks),
        },
      ],
      hooks: { setCursor: [({ cursor }) => onPoint(cursor.idx ?? undefined)] },
    };
  }
}
