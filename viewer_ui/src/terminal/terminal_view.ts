/** The screen of a job at an offset of its output, drawn: what the page loads when it is asked for. */

import type { Hub } from "../feed/hub";
import type { Layout } from "../log/segments";
import type { Change } from "../replay/history";
import { Film } from "./film";
import { ScreenView } from "./screen_view";
import type { Tail } from "./tail";

/** What it is drawn from: `layout` is the terminal's size before all changes. */
export interface Source {
  hub: Pick<Hub, "output" | "json">;
  tail: Pick<Tail, "from">;
  layout: Layout;
  changes: readonly Change[];
}

/** What there is to say of it: its size, how many cells are unknown, and the offset it shows. */
export interface Shown {
  cols: number;
  rows: number;
  unknown: number;
  at: number;
}

export class TerminalView {
  #film: Film;
  #view: ScreenView;

  constructor(place: HTMLElement, { hub, tail, layout, changes }: Source, onShown: (shown: Shown) => void) {
    this.#view = new ScreenView(place);
    this.#film = new Film(hub, tail, layout, changes);
    this.#film.onChange = () => {
      const { reel } = this.#film;
      if (!reel) return;
      const { cols, rows, unknown } = reel.screen;
      this.#view.show(reel.screen);
      onShown({ cols, rows, unknown, at: reel.at });
    };
  }

  /** Shows the screen as it was when the output had come to `offset`. */
  show(offset: number): void {
    void this.#film.show(offset);
  }

  destroy(): void {
    this.#film.close();
    this.#view.destroy();
  }
}
