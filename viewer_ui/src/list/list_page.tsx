/** The list: filter, table or grid, and how it stands with the hub. */

import { useEffect, useRef, useState } from "preact/hooks";
import { KeysDialog } from "../components/help";
import { useKeys } from "../components/keys";
import { useEscape } from "../components/tasks";
import { t } from "../messages";
import type { ListedRun } from "../protocol";
import { Ask } from "./ask";
import { Bar } from "./bar";
import { Empty } from "./empty";
import { matching } from "./filter";
import { Grid, TILES } from "./grid";
import { LIST_KEYS, step, turnedTo } from "./list_keys";
import { connectionWords, isRunning, stateWord } from "./list_words";
import { More } from "./more";
import { inOrder, pressed, stepped, USUAL } from "./order";
import type { Runs } from "./runs";
import { Table } from "./table";
import { useActions } from "./use_actions";
import { useList } from "./use_list";

/** How many rows are shown, and how many more whenever the end of them comes in sight. */
const ROWS = 100;

interface Props {
  runs: Runs;
  onWrongKey: () => void;
}

export function ListPage({ runs, onWrongKey }: Props) {
  const { now, seen, away } = useList(runs);
  const { status } = runs;
  const [typed, setTyped] = useState("");
  const [order, setOrder] = useState(USUAL);
  const [rows, setRows] = useState(ROWS);
  const [followed, setFollowed] = useState<string[] | undefined>(undefined);
  const [help, setHelp] = useState(false);
  const filter = useRef<HTMLInputElement>(null);
  const { actions, selected, selectNone, asked, answer, trouble } = useActions(runs);
  const found = matching(runs.all, typed, stateWord);
  const shown = inOrder(found, order, now).slice(0, rows);

  useEffect(() => {
    if (status.refused === "bad_key") onWrongKey();
  }, [status.refused]);
  useEffect(() => {
    if (found.length < rows) runs.older();
  }, [found.length, rows, status.loading, status.whole, status.loaded]);
  const running = runs.all.filter(isRunning).length;
  useEffect(() => {
    document.title = running ? `● ${t.list.running(running)} · progress` : "progress";
  }, [running]);

  const chosen = () => runs.all.filter(({ id }) => selected.has(id));
  const follow = () => {
    const together = selected.size ? chosen() : shown.filter(isRunning).slice(0, TILES);
    setFollowed(followed || !together.length ? undefined : together.map(({ id }) => id));
  };
  const back = () => (followed ? setFollowed(undefined) : selectNone());
  const turned = () => turnedTo(runs.all);
  const withTurned = (act: (run: ListedRun) => void) => () => {
    const run = turned();
    if (run) act(run);
  };
  useEscape(!asked && !help, back);
  useKeys({
    "/": () => filter.current?.focus(),
    j: () => step(1),
    k: () => step(-1),
    x: withTurned(actions.select),
    g: follow,
    s: () => setOrder(stepped(order, 1)),
    S: () => setOrder(stepped(order, -1)),
    p: withTurned(actions.keep),
    d: () => actions.remove(selected.size ? chosen() : [turned()].filter((run) => run !== undefined)),
    "?": () => setHelp(true),
  });

  const grid = followed?.flatMap((id) => runs.all.find((run) => run.id === id) ?? []);
  return (
    <div class="page list-page">
      <Bar
        filter={filter}
        typed={typed}
        onType={setTyped}
        words={typed ? t.list.matching(found.length, runs.all.length) : countWords(runs)}
        empty={!runs.all.length}
        selected={selected.size}
        following={followed !== undefined}
        onFollow={follow}
        onRemove={() => actions.remove(chosen())}
        onBack={back}
      />
      <main class="list-main">
        {grid ? (
          <Grid runs={grid} now={now} seen={seen} link={actions.link} />
        ) : (
          <>
            {shown.length > 0 && (
              <Table
                runs={shown}
                now={now}
                seen={seen}
                selected={selected}
                actions={actions}
                order={order}
                onOrder={(by) => setOrder(pressed(order, by))}
              />
            )}
            {status.loaded && !runs.all.length && <Empty />}
            <More
              nothing={typed !== "" && !shown.length && status.whole}
              looking={status.loading}
              more={status.loaded && (found.length > rows || !status.whole)}
              onMore={() => setRows(rows + ROWS)}
            />
          </>
        )}
      </main>
      <Foot runs={runs} away={away} trouble={trouble} sorted={order.by !== USUAL.by} onHelp={() => setHelp(true)} />
      {help && <KeysDialog keys={LIST_KEYS()} onClose={() => setHelp(false)} />}
      {asked && <Ask runs={asked} onDelete={() => answer(true)} onClose={() => answer(false)} />}
    </div>
  );
}

function countWords({ all, status }: Runs): string {
  if (!status.loaded) return "";
  return status.whole ? t.count.runs(all.length) : t.list.atLeast(all.length);
}

interface FootProps {
  runs: Runs;
  away: number | undefined;
  trouble: string;
  sorted: boolean;
  onHelp: () => void;
}

function Foot({ runs, away, trouble, sorted, onHelp }: FootProps) {
  const { words, tone } = connectionWords(runs.status, away);
  const partly = sorted && !runs.status.whole;
  return (
    <footer>
      <span class={`connection ${tone}`} role="status">
        {words}
      </span>
      <span class="troubles warn" role="alert">
        {trouble}
      </span>
      <span class="amount">{partly && t.list.sortedLoaded(runs.all.length)}</span>
      <button type="button" class="quiet-button" aria-label={t.help.button} title={t.help.button} onClick={onHelp}>
        ?
      </button>
    </footer>
  );
}
