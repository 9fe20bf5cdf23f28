/** Where in the output a terminal may begin, and what is in force there: the hub's index as far as it was asked for. */

import type { Hub } from "../feed/hub";
import { countUpTo } from "../replay/search";
import type { InForce } from "./in_force";

/** Right after a newline; fields as in docs/protocol.md, /index. */
export type Entry = readonly [at: number, line: number, t: number, drawn: 0 | 1, style: string, modes: string];

export interface Start extends InForce {
  at: number;
  /** It may be in the middle of a line, or of a sequence. */
  anywhere?: boolean;
}

export class Outline {
  #entries: Entry[] = [];
  /** The index is complete for places up to here. */
  #known = 0;

  constructor(private hub: Pick<Hub, "json">) {}

  /** The last place to begin that isn't after offset `at`. */
  async before(at: number): Promise<Start> {
    if (at > this.#known) await this.#ask();
    const entry = this.#entries[countUpTo(this.#entries, at, ([begin]) => begin) - 1];
    return entry ? { at: entry[0], style: entry[4], modes: entry[5] } : { at: 0, style: "", modes: "" };
  }

  async #ask(): Promise<void> {
    const last = this.#entries.at(-1)?.[0] ?? -1;
    const { size, entries } = await this.hub.json<{ size: number; entries: Entry[] }>(`index?from=${last + 1}`);
    this.#entries.push(...entries.filter(([begin]) => begin > last));
    this.#known = size;
  }
}
