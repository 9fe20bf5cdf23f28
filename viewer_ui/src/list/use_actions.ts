/** What the owner does with runs: open, select, keep, delete. What the hub refuses is said in its words. */

import { useState } from "preact/hooks";
import { t } from "../messages";
import type { ListedRun } from "../protocol";
import { step, turnedTo } from "./list_keys";
import { Refused } from "./owners_hub";
import type { Actions } from "./run_row";
import type { Runs } from "./runs";

export function useActions(runs: Runs) {
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [asked, setAsked] = useState<ListedRun[] | undefined>(undefined);
  const [trouble, setTrouble] = useState("");
  const attempt = async <T>(act: () => Promise<T>): Promise<T> => {
    try {
      return await act();
    } catch (error) {
      setTrouble(error instanceof Refused ? error.message : t.list.unreachable);
      throw error;
    }
  };
  const remove = async (run: ListedRun) => {
    await attempt(() => runs.hub.remove(run.id));
    if (turnedTo([run])) step(1); // the focus would go with its row
    runs.forget(run.id);
    setSelected((before) => without(before, run.id));
  };
  const actions: Actions = {
    link: ({ id }) => attempt(() => runs.hub.link(id)),
    select: ({ id }) => setSelected((before) => (before.has(id) ? without(before, id) : new Set([...before, id]))),
    keep: ({ id, kept }) => {
      setTrouble("");
      const done = attempt(() => runs.hub.keep(id, !kept)).then(() => runs.change(id, { kept: !kept }));
      done.catch(() => {});
    },
    remove: (which) => {
      if (which.length) setAsked(which);
    },
  };
  const answer = (yes: boolean) => {
    setTrouble("");
    if (yes) for (const run of asked ?? []) remove(run).catch(() => {});
    setAsked(undefined);
  };
  return { actions, selected, selectNone: () => setSelected(new Set()), asked, answer, trouble };
}

function without(ids: ReadonlySet<string>, id: string): ReadonlySet<string> {
  return new Set([...ids].filter((each) => each !== id));
}
