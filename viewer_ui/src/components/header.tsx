/** Who runs what, and how it stands: never changes its height while a run is live. */

import type { Info } from "../protocol";
import { clock, commandLine, elapsed, stateWords } from "../words";

export function Header({ run, now }: { run: Info; now: number }) {
  const { shape, word, tone, detail } = stateWords(run, now);
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
        <span class={`word ${tone}`} role="status">
          {detail ? `${word} · ${detail}` : word}
        </span>
        <time class="elapsed" title={`started ${new Date(run.started * 1000).toLocaleString()}`}>
          {clock(elapsed(run, now))}
        </time>
      </p>
      <code class="command" title={command}>
        {command}
      </code>
      <span class="place" title={place}>
        {place}
      </span>
      <span class="viewers">{run.viewers > 0 && `${run.viewers} watching`}</span>
    </header>
  );
}
