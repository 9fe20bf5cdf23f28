/** What is known of the run itself: what was run, where, from which commit, and how it ended. */

import type { ComponentChildren } from "preact";
import { t } from "../messages";
import type { Git, Info } from "../protocol";
import { clock, commandLine, size, stateWords } from "../words";
import { CopyButton } from "./copy_button";
import { Section } from "./section";

/** As many digits of a commit as git itself shows in a large repository. */
const DIGITS = 10;

export function Facts({ run }: { run: Info }) {
  const command = commandLine(run.command ?? []);
  return (
    <Section title={t.run.title}>
      <dl class="facts-list">
        <Fact name={t.run.command} value={command}>
          <code>{command}</code>
          <CopyButton text={command} label={t.run.copyCommand} />
        </Fact>
        <Fact name={t.run.directory} value={run.cwd} />
        <Fact name={t.run.host} value={run.user && run.host ? `${run.user}@${run.host}` : run.host} />
        <Commit git={run.git} />
        <Fact name={t.run.started} value={t.format.moment(run.started)} />
        <Fact name={t.run.took} value={run.ended === null ? "" : clock(run.ended - run.started)} />
        <Fact name={t.run.end} value={run.ended === null ? "" : endWords(run)} />
        <Fact name={t.run.peakMemory} value={run.peak_memory === null ? "" : size(run.peak_memory)} />
        {Object.entries(run.environment ?? {}).map(([name, value]) => (
          <Fact key={name} name={environmentName(name)} value={value} />
        ))}
        {Object.entries(run.tags ?? {}).map(([name, value]) => (
          <Fact key={name} name={name} value={value} />
        ))}
      </dl>
    </Section>
  );
}

/** Nothing where there is no value; `children` show it otherwise than as text. */
function Fact({ name, value, children }: { name: string; value: string; children?: ComponentChildren }) {
  if (!value) return null;
  return (
    <div>
      <dt>
        <bdi>{name}</bdi>
      </dt>
      <dd>{children ?? <bdi>{value}</bdi>}</dd>
    </div>
  );
}

function Commit({ git }: { git: Git | undefined }) {
  if (!git?.commit) return null;
  return (
    <Fact name={t.run.commit} value={git.commit}>
      <code title={git.commit}>{git.commit.slice(0, DIGITS)}</code>
      {git.branch && <bdi> {git.branch}</bdi>}
      <CopyButton text={git.commit} label={t.run.copyCommit} />
    </Fact>
  );
}

function endWords(run: Info): string {
  const { word, detail } = stateWords(run, run.now);
  return detail || word;
}

/** In the reader's words where we have any; a later runner may know more. */
function environmentName(name: string): string {
  const names: Record<string, string> = t.environment;
  return Object.hasOwn(names, name) ? (names[name] ?? name) : name;
}
