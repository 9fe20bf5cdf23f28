/** What is known of the run itself. */

import { t } from "../messages";
import type { Info } from "../protocol";
import { clock, commandLine, size } from "../words";
import { Section } from "./panel";

export function Facts({ run }: { run: Info }) {
  const { tags = {} } = run as { tags?: Record<string, string> };
  const facts: [string, string][] = [
    [t.run.command, commandLine(run.command ?? [])],
    [t.run.directory, run.cwd],
    [t.run.host, run.user && run.host ? `${run.user}@${run.host}` : run.host],
    [t.run.started, t.format.moment(run.started)],
    [t.run.took, run.ended === null ? "" : clock(run.ended - run.started)],
    [t.run.peakMemory, run.peak_memory === null ? "" : size(run.peak_memory)],
    ...Object.entries(tags),
  ];
  return (
    <Section title={t.run.title}>
      <dl class="facts-list">
        {facts
          .filter(([, value]) => value)
          .map(([name, value]) => (
            <div key={name}>
              <dt>
                <bdi>{name}</bdi>
              </dt>
              <dd>
                <bdi>{value}</bdi>
              </dd>
            </div>
          ))}
      </dl>
    </Section>
  );
}
