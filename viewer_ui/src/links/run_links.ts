/** The run's links as its owner manages them; the hub knows them by the owner's own link. */

import { authorization } from "../key";
import type { ListedLink, Role } from "../protocol";

/** The hub doesn't do what was asked for; the message is its sentence. */
export class Refused extends Error {}

/** How long an answer may take, in ms. */
const PATIENCE = 20_000;

export async function listLinks(): Promise<ListedLink[]> {
  return (await ask("GET")).json();
}

/** The token of a new link, which the hub tells this once; `expires` in Unix seconds. */
export async function addLink(role: Role, label: string, expires: number | null): Promise<string> {
  const { token } = await (await ask("POST", "", { role, label, expires })).json();
  return token;
}

export async function revokeLink(id: string): Promise<void> {
  await ask("DELETE", `/${id}`);
}

async function ask(method: string, path = "", body?: object): Promise<Response> {
  const response = await fetch(`${location.pathname}/links${path}`, {
    method,
    headers: authorization(),
    cache: "no-store",
    signal: AbortSignal.timeout(PATIENCE),
    ...(body && { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Refused((await response.text()).trim());
  return response;
}
