/** Metrics as small charts: those the job reports, and what its processes take. */

import { t } from "../messages";
import type { Series } from "../progress/series";
import { figure } from "../progress/words";
import type { Info } from "../protocol";
import { size } from "../words";
import { Chart } from "./chart";
import { FileLink } from "./file_link";
import { Section } from "./section";

type Metrics = ReadonlyMap<string, Series>;

/** Of what is sampled, not reported. */
const PROCESS = "process/";

/** The most charts drawn; of what is beyond, the last values are listed. */
const CHARTS = 40;

type Words = (value: number) => string;

const percent: Words = (value) => t.units.percent(String(Math.round(value)));
const speed: Words = (bytes) => `${size(bytes)}/s`;

/** Name, label, words for a value, and for the marks of an axis. */
const resources = (): [string, string, Words, Words][] => [
  ["process/cpu", t.panel.cpu, percent, percent],
  ["process/memory", t.panel.memory, size, size],
  ["process/read", t.panel.read, speed, size],
  ["process/write", t.panel.written, speed, size],
];

export function Metrics({ metrics, run }: { metrics: Metrics; run: Info }) {
  const reported = [...metrics.values()].filter(({ name }) => !name.startsWith(PROCESS));
  if (!reported.length) return null;
  return (
    <Section title={<Title run={run} />}>
      {reported.map((series, i) => (
        <Chart key={series.name} series={series} label={series.name} words={figure} marks={figure} drawn={i < CHARTS} />
      ))}
    </Section>
  );
}

/** With a link to the file that the hub makes of them, if it can read them. */
function Title({ run }: { run: Info }) {
  return (
    <>
      {t.panel.metrics}
      {run.sealed === undefined && (
        <FileLink path="/metrics.csv" isPrivate={run.private === true}>
          CSV
        </FileLink>
      )}
    </>
  );
}

export function Resources({ metrics }: { metrics: Metrics }) {
  const sampled = resources().flatMap(([name, label, words, marks]) => {
    const series = metrics.get(name);
    return series ? [{ series, label, words, marks }] : [];
  });
  if (!sampled.length) return null;
  return (
    <Section title={t.panel.resources}>
      {sampled.map(({ series, label, words, marks }) => (
        <Chart key={label} series={series} label={label} words={words} marks={marks} drawn />
      ))}
    </Section>
  );
}
