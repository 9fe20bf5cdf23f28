/** Which moment of the run is shown: now, as it goes on, or one that the reader has gone back to. */

import { Backoff } from "../feed/backoff";
import { patiently } from "../feed/patience";
import type { Session } from "../feed/session";
import { layoutOf } from "../log/layout";
import type { Layout } from "../log/segments";
import type { Progress } from "../progress/fold";
import { Draws } from "../terminal/draws";
import { onAlternate } from "../terminal/in_force";
import type { Entry } from "../terminal/outline";
import { Tail } from "../terminal/tail";
import type { Source } from "../terminal/terminal_view";
import { type Moment, Playback } from "./playback";

/** How many times faster than it ran a run is played. */
export const SPEEDS = [1, 2, 5, 10, 20, 50];

/** Places this far before the end tell what the job draws on. */
const LOOK_BACK = 1024 * 1024;

/** Output that was written to a pipe is shown on a terminal of this size. */
const PAPER: Layout = { cols: 120, rows: 36, convertEol: true };

export class Replay {
  /** Whether time goes on, or will once the place of the moment shown is known. */
  playing = false;
  speed = 1;
  readonly draws = new Draws();
  #tail = new Tail();
  #moment: Moment | undefined;
  /** The moment whose place in the output isn't known yet. */
  #sought: number | undefined;
  #listeners = new Set<() => void>();
  #locating = false;
  #backoff = new Backoff();
  #frame = 0;
  #past: { t: number; progress: Progress } | undefined;

  constructor(private session: Session) {
    session.onOutput((at, data) => {
      const leapt = at > this.#tail.end;
      this.#tail.push(at, data);
      this.draws.push(at, data);
      if (leapt) void this.#lookBack(at);
      if (!this.#moment) this.#changed();
    });
  }

  /** Calls `listener` when another moment is shown, or there is more output of the one that goes on. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Whether a moment is shown that is over. */
  get active(): boolean {
    return this.#moment !== undefined;
  }

  /** The moment shown, in seconds since the run's start. */
  get t(): number {
    return this.#moment?.t ?? this.end.t;
  }

  /** How far the output had come by then. */
  get offset(): number {
    return this.#moment?.offset ?? this.end.offset;
  }

  /** How far the run has come. */
  get end(): Moment {
    return { t: this.session.time, offset: Math.max(this.#tail.end, this.session.run?.size ?? 0) };
  }

  /** What its events had come to by then. */
  get progress(): Progress {
    if (!this.#moment) return this.session.progress;
    const { t } = this.#moment;
    if (this.#past?.t !== t) this.#past = { t, progress: this.session.history.at(t) };
    return this.#past.progress;
  }

  get source(): Source {
    const { hub, history, run } = this.session;
    return { hub, tail: this.#tail, layout: run?.pty ? layoutOf(run) : PAPER, changes: history.changes };
  }

  /** Shows the moment `t` seconds after the run's start. */
  seek(t: number): void {
    cancelAnimationFrame(this.#frame);
    this.#sought = Math.max(0, Math.min(t, this.end.t));
    this.#moment = { t: this.#sought, offset: this.offset };
    this.#changed();
    void this.#locate();
  }

  /** Shows what goes on. */
  live(): void {
    this.pause();
    this.#sought = undefined;
    this.#moment = undefined;
    this.#changed();
  }

  toggle(): void {
    if (this.playing) this.pause();
    else this.play();
  }

  /** Goes on from the moment shown, from the first one where there is nothing after it. */
  play(): void {
    this.playing = true;
    if (this.#sought === undefined) this.#run();
    this.#changed();
  }

  pause(): void {
    cancelAnimationFrame(this.#frame);
    this.playing = false;
    this.#changed();
  }

  /** Another of the speeds: the next, or the one before, and round. */
  change(by: 1 | -1): void {
    this.speed = SPEEDS.at((SPEEDS.indexOf(this.speed) + by) % SPEEDS.length) ?? 1;
    this.#changed();
  }

  /** Whether the job went to the alternate screen before the output that is read from `at` on. */
  async #lookBack(at: number): Promise<void> {
    const { session, draws } = this;
    const path = `index?from=${Math.max(0, at - LOOK_BACK)}`;
    const asked = () => session.hub.json<{ entries: Entry[] }>(path);
    const found = await patiently(asked, () => !draws.told && !session.status.refused);
    const last = found?.entries.at(-1);
    if (last) this.draws.assume(onAlternate({ modes: last[5] }));
    this.#changed();
  }

  #run(): void {
    const from = this.#moment && this.#moment.t < this.end.t ? this.#moment : { t: 0, offset: 0 };
    const playback = new Playback(this.session.hub, from, () => this.end);
    let before = performance.now();
    const step = (now: number) => {
      this.#moment = playback.advance((now - before) / 1000, this.speed);
      before = now;
      this.#frame = requestAnimationFrame(step);
      if (this.#moment.t >= this.end.t) this.#arrive();
      this.#changed();
    };
    cancelAnimationFrame(this.#frame);
    this.#moment = from;
    this.#frame = requestAnimationFrame(step);
  }

  #arrive(): void {
    if (this.session.run?.ended) this.pause();
    else this.live();
  }

  /** Asks where the output was at the moment shown, until that is known. */
  async #locate(): Promise<void> {
    if (this.#locating) return this.#backoff.wake();
    this.#locating = true;
    while (this.#sought !== undefined) {
      const t = this.#sought;
      try {
        const { at } = await this.session.hub.json<{ at: number }>(`at?t=${t.toFixed(3)}`);
        this.#backoff.reset();
        if (this.#sought === t) this.#found({ t, offset: at });
      } catch {
        await this.#backoff.wait(); // what is shown stays
      }
    }
    this.#locating = false;
  }

  #found(moment: Moment): void {
    this.#sought = undefined;
    this.#moment = moment;
    if (this.playing) this.#run();
    this.#changed();
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}
