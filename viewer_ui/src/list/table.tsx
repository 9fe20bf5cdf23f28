/** The runs in a table, whose heads sort it. */

import { t } from "../messages";
import type { ListedRun } from "../protocol";
import { COLUMNS, type Column, type Order } from "./order";
import { type Actions, RunRow } from "./run_row";

interface Props {
  runs: ListedRun[];
  now: number;
  seen: number;
  selected: ReadonlySet<string>;
  actions: Actions;
  order: Order;
  onOrder: (by: Column) => void;
}

export function Table({ runs, now, seen, selected, actions, order, onOrder }: Props) {
  return (
    <table class="runs">
      <caption class="unseen">{t.list.title}</caption>
      <thead>
        <tr>
          <td class="select-cell" />
          {COLUMNS.map((column) => (
            <Head key={column} column={column} order={order} onOrder={onOrder} />
          ))}
          <th scope="col" class="tags-cell">
            {t.list.tags}
          </th>
          <th scope="col" class="actions-cell">
            <span class="unseen">{t.list.actions}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {runs.map((run) => (
          <RunRow key={run.id} run={run} now={now} seen={seen} selected={selected.has(run.id)} actions={actions} />
        ))}
      </tbody>
    </table>
  );
}

function Head({ column, order, onOrder }: Pick<Props, "order" | "onOrder"> & { column: Column }) {
  const sorted = order.by === column ? (order.up ? "ascending" : "descending") : "none";
  return (
    <th scope="col" class={`${column}-cell`} aria-sort={sorted}>
      <button type="button" onClick={() => onOrder(column)}>
        {t.list[column]}
        <span aria-hidden="true">{sorted === "none" ? "" : order.up ? " ↑" : " ↓"}</span>
      </button>
    </th>
  );
}
