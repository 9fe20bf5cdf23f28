/** One series as a small chart with its last value; the library that draws it is loaded when the first is shown. */

import { useEffect, useRef, useState } from "preact/hooks";
import { patiently } from "../feed/patience";
import { t } from "../messages";
import type { Series } from "../progress/series";
import type { Plot } from "../view/plot";
import { clock } from "../words";

interface Props {
  series: Series;
  label: string;
  /** A value, and a mark of the axis, in words. */
  words: (value: number) => string;
  marks: (value: number) => string;
  drawn: boolean;
}

export function Chart({ series, label, words, marks, drawn }: Props) {
  const [pointed, setPointed] = useState<number | undefined>(undefined);
  const at = Math.min(pointed ?? series.values.length, series.values.length - 1);
  return (
    <figure class="chart">
      <figcaption>
        <bdi title={label}>{label}</bdi>
        {pointed !== undefined && <span class="where">{whereWords(series, at)}</span>}
        <span class="value">{words(series.values[at] ?? 0)}</span>
      </figcaption>
      {drawn && series.values.length > 1 && <Canvas series={series} marks={marks} onPoint={setPointed} />}
    </figure>
  );
}

function whereWords({ steps, times, stepped }: Series, at: number): string {
  return stepped ? t.panel.step(steps[at] ?? 0) : clock(times[at] ?? 0);
}

interface CanvasProps extends Pick<Props, "series" | "marks"> {
  onPoint: (index: number | undefined) => void;
}

function Canvas({ series, marks, onPoint }: CanvasProps) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot | undefined>(undefined);
  useEffect(() => {
    let gone = false;
    const load = () => import("../view/plot");
    void patiently(load, () => !gone).then((loaded) => {
      if (loaded && !gone && place.current) plot.current = new loaded.Plot(place.current, series, marks, onPoint);
    });
    return () => {
      gone = true;
      plot.current?.destroy();
    };
  }, []);
  const { taken } = series;
  useEffect(() => plot.current?.update(series), [series, taken]);
  return <div class="plot" ref={place} aria-hidden="true" />;
}
