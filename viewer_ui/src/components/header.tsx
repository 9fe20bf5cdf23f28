/** Who runs what, and how it stands: never changes its height while a run is live. */

import type { Info } from "../protocol";
import { clock, commandLine, elapsed, stateWords } from "../words";

interface Props {
  run: Info;
  /** The hub's time, when it was last in touch, and how far its clock is before ours, in seconds. */
  now: number;
  seen: number;
  skew: number;
}

export function Header({ run, now, seen, skew }: Props) {
  const { shape, word, tone, detail, ago } = stateWords(run, now, seen);
  const place = [run.user && run.host ? `${run.user}@${run.host}` : run.host, run.cwd].filter(Boolean).join(" ");
  const command = commandLine(run.command ?? []);
  return (
    <header>
      <h1 title={run.name}>
        <span class={`shape ${tone}`} aria-hidden="true">
          {shape}
        </span>
        {run.name}
      </h1>
      <p class="state">
        <span class={`word ${tone}`}>
          <span role="status">{detail ? `${word} · ${detail}` : word}</span>
          {ago && <span title={`last heard ${localTime(run.heard - skew)}`}> · {ago}</span>}
        </span>
        <time class="elapsed" title={`started ${localTime(run.started)}`}>
          {clock(elapsed(run, now, seen))}
        </time>
      </p>
      <code class="command" title={command}>
        {command}
      </code>
      <span class="place" title={place}>
        {place}
      </span>
      <span class="viewers">{now === seen && run.viewers > 0 && `${run.viewers} watching`}</span>
    </header>
  );
}

function localTime(seconds: number): string {
  return new Date(seconds * 1000).toLocaleString();
}
