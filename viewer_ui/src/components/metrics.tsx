/** Metrics as small charts: those the job reports, and what its processes take. */

import type { Series } from "../progress/series";
import { figure } from "../progress/words";
import { size } from "../words";
import { Chart } from "./chart";
import { Section } from "./panel";

type Metrics = ReadonlyMap<string, Series>;

/** Of what is sampled, not reported. */
const PROCESS = "process/";

/** The most charts drawn; of what is beyond, the last values are listed. */
const CHARTS = 40;

type Words = (value: number) => string;

const percent: Words = (value) => `${Math.round(value)} %`;
const speed: Words = (bytes) => `${size(bytes)}/s`;

/** Name, label, words for a value, and for the marks of an axis. */
const RESOURCES: [string, string, Words, Words][] = [
  ["process/cpu", "CPU", percent, percent],
  ["process/memory", "Memory", size, size],
  ["process/read", "Read", speed, size],
  ["process/write", "Written", speed, size],
];

export function Metrics({ metrics }: { metrics: Metrics }) {
  const reported = [...metrics.values()].filter(({ name }) => !name.startsWith(PROCESS));
  if (!reported.length) return null;
  return (
    <Section title={<Title />}>
      {reported.map((series, i) => (
        <Chart key={series.name} series={series} label={series.name} words={figure} marks={figure} drawn={i < CHARTS} />
      ))}
    </Section>
  );
}

function Title() {
  return (
    <>
      Metrics
      <a href={`${location.pathname}/metrics.csv`} download="metrics.csv">
        CSV
      </a>
    </>
  );
}

export function Resources({ metrics }: { metrics: Metrics }) {
  const sampled = RESOURCES.flatMap(([name, label, words, marks]) => {
    const series = metrics.get(name);
    return series ? [{ series, label, words, marks }] : [];
  });
  if (!sampled.length) return null;
  return (
    <Section title="Resources">
      {sampled.map(({ series, label, words, marks }) => (
        <Chart key={label} series={series} label={label} words={words} marks={marks} drawn />
      ))}
    </Section>
  );
}
