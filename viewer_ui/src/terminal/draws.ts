/** Whether a job draws on the whole screen: it has gone to the alternate screen and not come back. */

import { Hole, type Stretch } from "../log/hole";

const ESCAPE = 0x1b;
const SWITCH = new RegExp(`${String.fromCharCode(ESCAPE)}\\[\\?(?:47|1047|1049)([hl])`, "g");

/** The longest of these sequences may be cut into pieces. */
const LONGEST = 8;

export class Draws {
  now = false;
  /** Whether output has told of it, since the last that is missing here. */
  told = false;
  #end = 0;
  #rest = "";

  push(at: number, data: Stretch): void {
    const fresh = data.slice(Math.max(0, this.#end - at)) as Stretch;
    if (fresh.length <= 0 || at + data.length <= this.#end) return;
    if (at > this.#end) this.#miss();
    this.#end = at + data.length;
    if (fresh instanceof Hole) this.#rest = "";
    else this.#look(fresh);
  }

  /** What was so before the output that came; where it has told since, that holds. */
  assume(now: boolean): void {
    if (!this.told) this.now = now;
  }

  #miss(): void {
    this.told = false;
    this.#rest = "";
  }

  #switch(now: boolean): void {
    this.told = true;
    this.now = now;
  }

  #look(data: Uint8Array): void {
    if (!this.#rest && !data.includes(ESCAPE)) return;
    const text = this.#rest + latin1.decode(data);
    for (const [, change] of text.matchAll(SWITCH)) this.#switch(change === "h");
    this.#rest = text.slice(Math.max(0, text.length - LONGEST + 1));
  }
}

const latin1 = new TextDecoder("latin1");
