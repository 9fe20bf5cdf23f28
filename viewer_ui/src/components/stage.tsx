/** Where the run is seen: the log, or over it, keeping the reader's place, the job's screen as it is or as it was. */

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { Info } from "../protocol";
import type { Replay } from "../replay/replay";
import { Covered, useKeys } from "./keys";
import { Offer } from "./offer";
import { TerminalPane } from "./terminal_pane";
import "../terminal/stage.css";

interface Props {
  replay: Replay;
  run: Pick<Info, "pty" | "ended">;
  /** The log. */
  children: ComponentChildren;
}

export function Stage({ replay, run, children }: Props) {
  const [terminal, setTerminal] = useState(false);
  const [dismissed, setDismissed] = useState(false);
  const shown = terminal || replay.active;
  const close = () => {
    setTerminal(false);
    if (replay.active) replay.live();
  };
  useKeys(run.pty ? { v: () => (shown ? close() : setTerminal(true)) } : {});
  const offered = run.pty && !shown && !dismissed && replay.draws.now;
  return (
    <>
      <div class="covered" inert={shown}>
        <Covered.Provider value={shown}>{children}</Covered.Provider>
      </div>
      {offered && <Offer onShow={() => setTerminal(true)} onDismiss={() => setDismissed(true)} />}
      {shown && <TerminalPane replay={replay} ended={run.ended !== null} onClose={close} />}
    </>
  );
}
