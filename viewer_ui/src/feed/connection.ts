/** The Socket.IO connection to /watch: made anew for ever, with a fresh client each time, and checked when it is silent. */

import { io, type Socket } from "socket.io-client";
import { keyOf } from "../key";
import {
  type ControlRequest,
  type ControlResult,
  type ErrorCode,
  type Grown,
  type Info,
  type Output,
  PROTOCOL,
  type Refusal,
  type ViewerEvents,
  WATCH,
  type Watch,
  type WatchAuth,
  type Watching,
} from "../protocol";
import { root } from "../root";
import { Backoff } from "./backoff";

/** How long connecting may take before the other transport is tried first, in ms. */
const CONNECT_MS = 8_000;
/** How long the hub may take to answer `watch`. */
const ANSWER_MS = 8_000;
/** How long nothing may come before the hub is asked whether there is anything. */
const QUIET_MS = 20_000;

export interface Listener {
  position(): Watch;
  connected(up: boolean): void;
  /** Something has come from the hub, were it only a sign of life. */
  heard(): void;
  /** The hub could not be connected to. */
  unreachable(): void;
  refused(code: ErrorCode): void;
  watching(reply: Watching): void;
  output(message: Output): void;
  grown(message: Grown): void;
  events(message: ViewerEvents): void;
  run(message: Info): void;
  controlResult(message: ControlResult): void;
}

/** WebSocket first; the next attempt after a failed one begins with polling, which gets through where that hangs. */
const ORDERS = [
  ["websocket", "polling"],
  ["polling", "websocket"],
];

export class Connection {
  #socket: Socket | undefined;
  #backoff = new Backoff();
  #attempt = 0;
  #quiet: ReturnType<typeof setTimeout> | undefined;
  #stopped = false;

  constructor(
    private token: string,
    private listener: Listener,
  ) {}

  /** Connects, and again whenever the connection is lost, until `stop`. */
  async run(): Promise<void> {
    while (!this.#stopped) {
      const socket = this.#open();
      await new Promise<void>((resolve) => this.#listen(socket, resolve));
      this.#close();
      if (!this.#stopped) await this.#backoff.wait();
    }
  }

  /** Says how far we are; the hub answers with how far it is. No answer means the connection is dead. */
  async watch(): Promise<void> {
    const socket = this.#socket;
    if (!socket?.connected) return;
    this.#heard();
    const answer: Promise<Watching | Refusal> = socket
      .timeout(ANSWER_MS)
      .emitWithAck("watch", this.listener.position());
    const reply = await answer.catch(() => undefined);
    if (socket !== this.#socket) return;
    if (!reply) socket.disconnect();
    else if ("error" in reply) this.#refuse(reply.error.code);
    else this.listener.watching(reply);
  }

  /** Asks something of the job, if there is a connection. */
  control(request: ControlRequest): void {
    if (this.#socket?.connected) this.#socket.emit("control", request);
  }

  /** After sleep or a change of network: don't wait for time-outs. */
  wake(): void {
    this.#backoff.wake();
    void this.watch();
  }

  stop(): void {
    this.#stopped = true;
    this.#backoff.wake();
    this.#socket?.disconnect();
  }

  #open(): Socket {
    this.#socket = io(WATCH, {
      auth: { link: this.token, ...keyOf(), protocol: PROTOCOL } satisfies WatchAuth,
      path: `${root()}socket.io`,
      transports: ORDERS[this.#attempt % 2] ?? [],
      tryAllTransports: true,
      timeout: CONNECT_MS,
      reconnection: false,
      forceNew: true,
    });
    return this.#socket;
  }

  /** Calls `over` once, when the connection could not be made or is lost. */
  #listen(socket: Socket, over: () => void): void {
    let met = false;
    let ended = false;
    const end = (code?: ErrorCode) => {
      if (ended) return;
      ended = true;
      if (!met) this.#failed(code);
      over();
    };
    socket.on("connect", () => {
      met = true;
      this.#backoff.reset();
      this.listener.connected(true);
      void this.watch();
    });
    socket.on("disconnect", () => end());
    socket.on("connect_error", (error: Error & { data?: Partial<Refusal["error"]> }) => end(error.data?.code));
    // A transport that opens and closes before a word is said is no error to the library, which would wait.
    // A refusal closes it too, before its reason is told.
    socket.io.engine.once("close", () => queueMicrotask(end));
    socket.io.engine.on("packet", () => this.listener.heard());
    this.#forward(socket);
  }

  #forward(socket: Socket): void {
    socket.onAny(() => this.#heard());
    socket.on("output", (message) => this.listener.output(message));
    socket.on("grown", (message) => this.listener.grown(message));
    socket.on("events", (message) => this.listener.events(message));
    socket.on("run", (message) => this.listener.run(message));
    socket.on("control_result", (message) => this.listener.controlResult(message));
  }

  #failed(code: ErrorCode | undefined): void {
    this.#attempt++;
    if (code) this.#refuse(code);
    else this.listener.unreachable();
  }

  #close(): void {
    clearTimeout(this.#quiet);
    this.#socket?.removeAllListeners();
    this.#socket?.disconnect();
    this.#socket = undefined;
    this.listener.connected(false);
  }

  #heard(): void {
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => void this.watch(), QUIET_MS);
  }

  #refuse(code: ErrorCode): void {
    if (code === "bad_protocol" || code === "bad_key") this.stop();
    this.listener.refused(code);
  }
}
