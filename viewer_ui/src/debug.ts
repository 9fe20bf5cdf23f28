/** `window.progress`: what is shown, for tests and for whoever opens the browser's console. Reads, changes nothing. */

import type { Session } from "./feed/session";

interface Progress {
  /** The offset up to which output is shown, in bytes. */
  readonly end: number;
  /** Whether every byte from the first on is shown. */
  readonly whole: boolean;
  readonly connected: boolean;
  /** The text of the rows from `from` up to `to`. */
  text(from?: number, to?: number): string[];
  /** The job's own text of these rows, also of those that have to be read for it. */
  read(from: number, to: number): Promise<string>;
}

export function debugHandle(session: Session): void {
  const progress: Progress = {
    get end() {
      return session.document?.end ?? 0;
    },
    get whole() {
      return session.document?.whole ?? false;
    },
    get connected() {
      return session.status.connected;
    },
    text(from = 0, to = session.document?.count ?? 0) {
      const rows = Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);
      return rows.map((index) => session.document?.row(index, Number.MAX_SAFE_INTEGER / 4).text ?? "");
    },
    read: async (from, to) => (await session.document?.text(from, to)) ?? "",
  };
  Object.assign(window, { progress });
}
