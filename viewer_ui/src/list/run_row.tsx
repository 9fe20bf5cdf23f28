/** One run as a row of the table: the words and shapes of its own page, its last line in grey below its name. */

import { t } from "../messages";
import type { ListedRun } from "../protocol";
import { clock, duration, elapsed, stateWords } from "../words";
import { nameOf, placeOf } from "./list_words";
import { leftOf } from "./order";
import { RunBar } from "./run_bar";
import { RunLink } from "./run_link";

/** What can be done with a run. */
export interface Actions {
  link: (run: ListedRun) => Promise<string>;
  select: (run: ListedRun) => void;
  keep: (run: ListedRun) => void;
  remove: (runs: ListedRun[]) => void;
}

interface Props {
  run: ListedRun;
  /** The hub's time, and when it was last in touch. */
  now: number;
  seen: number;
  selected: boolean;
  actions: Actions;
}

export function RunRow({ run, now, seen, selected, actions }: Props) {
  const { state, shape, word, tone, detail, ago } = stateWords(run, now, seen);
  const left = state === undefined ? null : leftOf(run, now);
  const name = nameOf(run);
  return (
    <tr class={selected ? "selected" : undefined}>
      <td class="select-cell">
        {/* biome-ignore lint/a11y/useSemanticElements: an input would keep the single keys to itself */}
        <button
          type="button"
          role="checkbox"
          class="tick"
          aria-checked={selected}
          aria-label={t.list.select(name)}
          onClick={() => actions.select(run)}
        />
      </td>
      <th scope="row" class="name-cell">
        <RunLink run={run} link={actions.link} />
        <span class="last-line" title={run.last_line}>
          <bdi>{run.last_line || t.list.noOutput}</bdi>
        </span>
      </th>
      <td class="state-cell" title={[word, detail, ago].filter(Boolean).join(" · ")}>
        <span class={`word ${tone}`}>
          <span class="shape" aria-hidden="true">
            {shape}
          </span>
          {detail ? `${word} · ${detail}` : word}
        </span>
        {ago && <span class="since">{ago}</span>}
      </td>
      <td class="progress-cell">
        <RunBar run={run} tone={tone} />
      </td>
      <td class="left-cell">{left !== null && t.header.eta(duration(left))}</td>
      <td class="started-cell" title={t.format.moment(run.started)}>
        {t.format.ago(Math.max(0, now - run.started))}
      </td>
      <td class="took-cell">{clock(elapsed(run, now, seen))}</td>
      <td class="host-cell" title={placeOf(run)}>
        <bdi>{placeOf(run)}</bdi>
      </td>
      <td class="tags-cell">
        <Tags tags={run.tags} />
      </td>
      <td class="actions-cell">
        <KeepButton run={run} name={name} keep={actions.keep} />
        <button
          type="button"
          aria-label={t.list.remove(name)}
          title={t.list.remove(name)}
          onClick={() => actions.remove([run])}
        >
          ✕
        </button>
      </td>
    </tr>
  );
}

function Tags({ tags }: { tags: Record<string, string> }) {
  const words = Object.entries(tags).map(([tag, value]) => `${tag}=${value}`);
  return (
    <span class="tags" title={words.join(" ")}>
      {words.map((word) => (
        <bdi key={word}>{word}</bdi>
      ))}
    </span>
  );
}

function KeepButton({ run, name, keep }: { run: ListedRun; name: string; keep: Actions["keep"] }) {
  const words = run.kept ? t.list.letGo(name) : t.list.keep(name);
  return (
    <button
      type="button"
      class="keep"
      aria-pressed={run.kept}
      aria-label={words}
      title={words}
      onClick={() => keep(run)}
    >
      {run.kept ? "★" : "☆"}
    </button>
  );
}
