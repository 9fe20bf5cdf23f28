/** What is known of the run itself. */

import type { Info } from "../protocol";
import { clock, commandLine, size } from "../words";
import { Section } from "./panel";

export function Facts({ run }: { run: Info }) {
  const { tags = {} } = run as { tags?: Record<string, string> };
  const facts: [string, string][] = [
    ["Command", commandLine(run.command ?? [])],
    ["Directory", run.cwd],
    ["Host", run.user && run.host ? `${run.user}@${run.host}` : run.host],
    ["Started", new Date(run.started * 1000).toLocaleString()],
    ["Took", run.ended === null ? "" : clock(run.ended - run.started)],
    ["Peak memory", run.peak_memory === null ? "" : size(run.peak_memory)],
    ...Object.entries(tags),
  ];
  return (
    <Section title="Run">
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
