/** Brings the reader to a line or a moment, however much has to be read for that; the reader may set out elsewhere meanwhile. */

import type { Session } from "../feed/session";
import type { LogDocument } from "../log/document";
import { t } from "../messages";
import type { LogView } from "../view/log_view";
import type { Place } from "./place";
import { say } from "./toast";

/** What a reader does who wants to be elsewhere. */
const LEAVING = ["wheel", "touchstart", "keydown", "pointerdown"] as const;

export class Journey {
  #goal: (() => number) | undefined;
  #isThere = () => true;
  #shown = -1;
  #arrived: (index: number) => void = () => {};
  #journeys = 0;
  #leave = () => void this.setOut();
  #look = () => this.#approach();

  constructor(
    private view: LogView,
    private log: LogDocument,
    private session: Session,
  ) {
    view.onDraw.add(this.#look);
    for (const event of LEAVING) addEventListener(event, this.#leave, { capture: true, passive: true });
  }

  stop(): void {
    this.#leave();
    this.view.onDraw.delete(this.#look);
    for (const event of LEAVING) removeEventListener(event, this.#leave, { capture: true });
  }

  /** Gives up where the reader was led to; says whether nobody has set out again since. */
  setOut(): () => boolean {
    this.#goal = undefined;
    const nth = ++this.#journeys;
    return () => nth === this.#journeys;
  }

  /** Resolves to the number of the line that is there, once it is in sight. */
  async to(place: Place): Promise<number | undefined> {
    if ("time" in place) return this.toTime(place.time);
    if (place.first > this.log.lines) void this.#missing(place.first);
    return this.#go(
      () => this.log.rowOfLine(Math.min(place.first, this.log.lines)),
      () => place.first <= this.log.lines,
    );
  }

  /** How far the output had come `seconds` after the start. */
  async toTime(seconds: number): Promise<number | undefined> {
    const isUnderWay = this.setOut();
    const found = await this.session.hub.json<{ at: number }>(`at?t=${seconds}`).catch(() => undefined);
    if (!isUnderWay()) return undefined;
    if (found) return this.toOffset(found.at);
    say(t.reading.timeUnknown);
    return undefined;
  }

  /** To the line that the byte at an offset is in. */
  async toOffset(at: number): Promise<number | undefined> {
    return this.#go(
      () => this.log.rowOfOffset(at),
      () => at < this.log.end,
    );
  }

  /** So many seconds after the row in the middle was written. */
  async later(seconds: number): Promise<number | undefined> {
    const isUnderWay = this.setOut();
    const row = this.view.middle;
    const time = await this.#known(() => this.log.timeOf(row));
    return isUnderWay() ? this.toTime(Math.max(0, time + seconds)) : undefined;
  }

  /** Says that there is no such line, unless it comes with what is still on its way. */
  async #missing(line: number): Promise<void> {
    await this.#known(() => this.#isRead || undefined);
    if (line > this.log.lines) say(t.reading.noSuchLine(line, this.log.lines));
  }

  /** What the document comes to know when it is asked. */
  #known<T>(ask: () => T | undefined): Promise<T> {
    return new Promise((resolve) => {
      const look = () => {
        const found = ask();
        if (found === undefined) return;
        this.view.onDraw.delete(look);
        resolve(found);
      };
      this.view.onDraw.add(look);
      look();
    });
  }

  /** Whether what is known of is read, so that what isn't there is nowhere. */
  get #isRead(): boolean {
    return this.log.end >= this.session.size;
  }

  /** The row may turn out to be elsewhere as more is known of what comes before it, and until it `isThere`. */
  #go(goal: () => number, isThere: () => boolean): Promise<number | undefined> {
    this.setOut();
    return new Promise((resolve) => {
      this.#goal = goal;
      this.#isThere = isThere;
      this.#shown = -1;
      this.#arrived = (index) => resolve(this.log.row(index, 0).number || undefined);
      this.#approach();
    });
  }

  #approach(): void {
    const index = this.#goal?.();
    if (index === undefined) return;
    if (index !== this.#shown) this.view.reveal(index);
    this.#shown = index;
    const { kind, about } = this.log.row(index, 0);
    if (kind === "loading" || about || !(this.#isThere() || this.#isRead)) return;
    this.#leave();
    this.view.reveal(index);
    this.#arrived(index);
  }
}
