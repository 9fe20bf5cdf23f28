/** The Socket.IO connection to /runs: made anew for ever, with a fresh client each time. */

import { io, type Socket } from "socket.io-client";
import { Backoff } from "../feed/backoff";
import { type ErrorCode, type ListedRuns, PROTOCOL, type Refusal, RUNS } from "../protocol";
import { root } from "../root";

/** How long connecting may take before the other transport is tried first, in ms. */
const CONNECT_MS = 8_000;

/** WebSocket first; the next attempt after a failed one begins with polling, which gets through where that hangs. */
const ORDERS = [
  ["websocket", "polling"],
  ["polling", "websocket"],
];

export interface Listener {
  connected(up: boolean): void;
  /** Something has come from the hub, were it only a sign of life. */
  heard(): void;
  refused(code: ErrorCode): void;
  runs(message: ListedRuns): void;
  /** Something could not be told: the list has to be asked for again. */
  missed(): void;
}

export class ListConnection {
  #backoff = new Backoff();
  #attempt = 0;
  #stopped = false;

  constructor(
    private key: string,
    private listener: Listener,
  ) {}

  /** Connects, and again whenever the connection is lost, until `stop`. */
  async run(): Promise<void> {
    while (!this.#stopped) {
      const socket = this.#open();
      await new Promise<void>((resolve) => this.#listen(socket, resolve));
      socket.removeAllListeners();
      socket.disconnect();
      this.listener.connected(false);
      if (!this.#stopped) await this.#backoff.wait();
    }
  }

  wake(): void {
    this.#backoff.wake();
  }

  stop(): void {
    this.#stopped = true;
  }

  #open(): Socket {
    return io(RUNS, {
      auth: { key: this.key, protocol: PROTOCOL },
      path: `${root()}socket.io`,
      transports: ORDERS[this.#attempt % 2] ?? [],
      tryAllTransports: true,
      timeout: CONNECT_MS,
      reconnection: false,
      forceNew: true,
    });
  }

  #listen(socket: Socket, over: () => void): void {
    socket.on("connect", () => {
      this.#backoff.reset();
      this.listener.connected(true);
    });
    socket.on("disconnect", over);
    socket.on("connect_error", (error: Error & { data?: Partial<Refusal["error"]> }) => {
      this.#attempt++;
      if (error.data?.code) this.listener.refused(error.data.code);
      over();
    });
    // A transport that opens and closes before a word is said is no error to the library, which would wait.
    socket.io.engine.once("close", () => queueMicrotask(over));
    socket.io.engine.on("packet", () => this.listener.heard());
    socket.on("runs", (message) => this.listener.runs(message));
    socket.on("missed", () => this.listener.missed());
  }
}
