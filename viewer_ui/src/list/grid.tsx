/** Several runs followed together. */

import { t } from "../messages";
import type { ListedRun } from "../protocol";
import { Tile } from "./tile";

/** The most runs followed at once. */
export const TILES = 12;

interface Props {
  runs: ListedRun[];
  now: number;
  seen: number;
  link: (run: ListedRun) => Promise<string>;
}

export function Grid({ runs, now, seen, link }: Props) {
  return (
    <section class="grid" aria-label={t.list.followed} data-tiles={Math.min(runs.length, TILES)}>
      {runs.slice(0, TILES).map((run) => (
        <Tile key={run.id} run={run} now={now} seen={seen} link={link} />
      ))}
      {runs.length > TILES && <p class="quiet">{t.list.followedMost(TILES)}</p>}
    </section>
  );
}
