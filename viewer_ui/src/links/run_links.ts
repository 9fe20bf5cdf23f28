/** The run's links as its owner manages them; the hub knows them by the owner's own link. */

import { authorization } from "../key";
import { type ListedLink, type Role, TOKEN_PATTERN } from "../protocol";

/** The hub doesn't do what was asked for; the message is its sentence. */
export class Refused extends Error {}

const TOKEN = new RegExp(TOKEN_PATTERN);

/** How long an answer may take, in ms. */
const PATIENCE = 20_000;

export async function listLinks(): Promise<ListedLink[]> {
  return (await ask("GET")).json();
}

/** The token of a new link, which the hub tells this once; `expires` in Unix seconds, by the hub's clock. */
export async function addLink(role: Role, label: string, expires: number | null): Promise<string> {
  const { token } = await (await ask("POST", "", { role, label, expires })).json();
  // It becomes part of an address that is given to others, with the key of an encrypted run behind it.
  if (!TOKEN.test(token)) throw new Error("no token");
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
  if (response.ok) return response;
  // A proxy's answer is a page of its own.
  if (!response.headers.get("Content-Type")?.startsWith("text/plain")) throw new Error(`${response.status}`);
  throw new Refused((await response.text()).trim());
}
