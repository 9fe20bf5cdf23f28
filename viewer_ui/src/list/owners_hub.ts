/** What the hub gives its owner over HTTP: the list, page by page, and what may be done with a run. */

import { bearing } from "../key";
import type { ListedRun } from "../protocol";
import { root } from "../root";

/** The owner's key is not the hub's. */
export class WrongKey extends Error {}

/** The hub doesn't do what was asked for; the message is its sentence. */
export class Refused extends Error {}

/** How long an answer may take, in ms. */
const PATIENCE = 20_000;

export class OwnersHub {
  constructor(readonly key: string) {}

  /** The runs that started last, or last before the one with the id `before`; newest first. */
  async page(before?: string): Promise<ListedRun[]> {
    const query = before === undefined ? "" : `?before=${encodeURIComponent(before)}`;
    return (await this.#ask("GET", query)).json();
  }

  /** The token of a link to the run. */
  async link(id: string): Promise<string> {
    const { token } = await (await this.#ask("POST", `/${encodeURIComponent(id)}/link`)).json();
    return token;
  }

  async remove(id: string): Promise<void> {
    await this.#ask("DELETE", `/${encodeURIComponent(id)}`);
  }

  async keep(id: string, kept: boolean): Promise<void> {
    await this.#ask(kept ? "POST" : "DELETE", `/${encodeURIComponent(id)}/keep`);
  }

  async #ask(method: string, path: string): Promise<Response> {
    const response = await fetch(`${root()}api/runs${path}`, {
      method,
      headers: bearing(this.key),
      cache: "no-store",
      signal: AbortSignal.timeout(PATIENCE),
    });
    if (response.status === 401) throw new WrongKey();
    if (!response.ok) throw new Refused((await response.text()).trim());
    return response;
  }
}
