/** The job's screen over the log, and the words around it. What draws it is loaded when the first is shown. */

import { useEffect, useRef, useState } from "preact/hooks";
import { patiently } from "../feed/patience";
import { t } from "../messages";
import type { Replay } from "../replay/replay";
import type { Shown, TerminalView } from "../terminal/terminal_view";
import { clock } from "../words";

interface Props {
  replay: Replay;
  /** Whether the run is over. */
  ended: boolean;
  onClose: () => void;
}

export function TerminalPane({ replay, ended, onClose }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const [shown, setShown] = useState<Shown | undefined>(undefined);
  useEffect(() => show(place, replay, setShown), [replay]);
  return (
    <section class={replay.active ? "terminal past" : "terminal"} aria-label={t.terminal.title}>
      <div class="terminal-bar">
        <span>{replay.active ? t.replay.shown(clock(replay.t)) : t.terminal.title}</span>
        {shown && <span class="terminal-size">{t.terminal.size(shown.cols, shown.rows)}</span>}
        {shown && shown.unknown > 0 && <span class="unknown-part">{t.terminal.unknown}</span>}
        {replay.active ? (
          <button type="button" class="back" onClick={() => replay.live()}>
            {ended ? t.replay.backToEnd : t.replay.back}
          </button>
        ) : (
          <button type="button" onClick={onClose}>
            {t.terminal.close}
          </button>
        )}
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard */}
      <div class="terminal-place" tabIndex={0} ref={place} data-at={shown?.at} />
    </section>
  );
}

/** Shows the moment that `replay` says, whichever it is; returns what ends that. */
function show(place: { current: HTMLElement | null }, replay: Replay, onShown: (shown: Shown) => void): () => void {
  let view: TerminalView | undefined;
  let gone = false;
  const follow = () => view?.show(replay.offset);
  const load = () => import("../terminal/terminal_view");
  void patiently(load, () => !gone).then((loaded) => {
    if (loaded && !gone && place.current) view = new loaded.TerminalView(place.current, replay.source, onShown);
    follow();
  });
  const stop = replay.onChange(follow);
  return () => {
    gone = true;
    stop();
    view?.destroy();
  };
}
