/** A screen that output is run through: at which offset it is, and what happens to the terminal on the way. */

import { Hole, type Stretch } from "../log/hole";
import { breathe } from "../log/pace";
import type { Layout } from "../log/segments";
import type { Change } from "../replay/history";
import { countUpTo } from "../replay/search";
import type { Start } from "./outline";
import { Screen } from "./screen";

/** Output is taken in slices of this size, between which the browser may draw. */
const SLICE = 32 * 1024;

export class Reel {
  readonly screen: Screen;
  /** The offset up to which output has been run through. */
  at: number;
  /** How many of the changes have been applied. */
  #changed: number;
  /** Output is left out until a control character says that no sequence or character is cut. */
  #cut: boolean;

  /** Begins at `start`, in the middle unless that is 0; `layout` is the size of the terminal before all changes. */
  constructor(
    readonly start: Start,
    layout: Layout,
    private changes: readonly Change[],
  ) {
    this.at = start.at;
    this.#cut = start.anywhere ?? false;
    this.#changed = countUpTo(changes, start.at, ({ at }) => at);
    const size = changes.slice(0, this.#changed).findLast(({ kind }) => kind === "resize");
    this.screen = new Screen({ ...layout, ...size }, start.at ? start : undefined);
  }

  /** Takes output from offset `at`, which isn't beyond ours, as long as `wanted` says so. */
  async run(at: number, data: Stretch, wanted: () => boolean): Promise<void> {
    if (data instanceof Hole) return this.#skip(at + data.length);
    while (this.at < at + data.length && wanted()) {
      this.#apply();
      const next = this.changes[this.#changed]?.at ?? Number.POSITIVE_INFINITY;
      const piece = data.subarray(this.at - at, Math.min(this.at + SLICE, next) - at);
      this.#write(piece);
      this.at += piece.length;
      await breathe();
    }
    this.#apply();
  }

  #write(piece: Uint8Array): void {
    const control = this.#cut ? piece.findIndex((byte) => byte < 0x20) : 0;
    if (control < 0) return;
    this.#cut = false;
    this.screen.write(piece.subarray(control));
  }

  #skip(to: number): void {
    if (to <= this.at) return;
    this.at = to;
    this.#apply();
    this.screen.forget();
  }

  /** What has happened up to here; what is learnt of late happens now. */
  #apply(): void {
    for (let change = this.changes[this.#changed]; change && change.at <= this.at; ) {
      if (change.kind === "resize") this.screen.resize(change.cols, change.rows);
      else this.screen.forget();
      change = this.changes[++this.#changed];
    }
  }
}
