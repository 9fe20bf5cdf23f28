/** The whole page: header, log and foot, for one session. */

import { useEffect, useReducer, useRef, useState } from "preact/hooks";
import { ControlButton } from "../control/control_button";
import { ControlStrip } from "../control/control_strip";
import { may } from "../control/leave";
import { TypeBar } from "../control/type_bar";
import type { Session } from "../feed/session";
import { LinksButton } from "../links/links_button";
import { t } from "../messages";
import { Bell } from "../notify/bell";
import { isOver } from "../notify/moments";
import type { Note } from "../progress/fold";
import { mainTask } from "../progress/main_task";
import { atLeast } from "../protocol";
import { Replay } from "../replay/replay";
import type { LogView } from "../view/log_view";
import { connectionWords, proofWords, stateWords, troubles } from "../words";
import { Announcer } from "./announcer";
import { BellButton } from "./bell_button";
import { Foot } from "./foot";
import { Header } from "./header";
import { Help } from "./help";
import { useKeys } from "./keys";
import { LogPane } from "./log_pane";
import { useMedia } from "./media";
import { Nothing } from "./nothing";
import { Panel } from "./panel";
import { PrivateRun } from "./private_run";
import { Stage } from "./stage";
import { useStored } from "./stored";
import { useTab } from "./tab";
import { TimeLine } from "./time_line";
import { Waiting } from "./waiting";

/** How often the words follow what is going on, in ms; the log itself is drawn with every frame. */
const REFRESH = 100;

/** Where the panel is a sheet over the log, and where there is room for it from the start. */
const PHONE = matchMedia("(max-width: 640px)");
const WIDE = matchMedia("(min-width: 1400px)");

export function App({ session }: { session: Session }) {
  const [bell] = useState(() => new Bell(session));
  const [replay] = useState(() => new Replay(session));
  const now = useNow(session, replay);
  const [help, setHelp] = useState(false);
  const [typing, setTyping] = useState(false);
  const line = useRef<HTMLTextAreaElement>(null);
  const { run, document, status } = session;
  const away = session.seen === undefined ? undefined : Math.max(0, now - status.skew - session.seen);
  const seen = status.connected ? now : now - (away ?? 0);
  useTab(run && stateWords(run, now, seen), run?.name, mainTask(session.progress.tasks.values())?.percent ?? null);
  const view = useRef<LogView | undefined>(undefined);
  const [panel, setPanel] = useStored("panel", WIDE.matches);
  const [sheet, setSheet] = useState(false);
  const phone = useMedia(PHONE);
  const open = phone ? sheet : panel;
  const showPanel = phone ? setSheet : setPanel;
  useKeys({ "?": () => setHelp(true), i: () => showPanel(!open) });
  const type = () => {
    setTyping(true);
    // Where it is there already.
    line.current?.focus();
  };
  const toNote = ({ seq }: Note) => {
    setSheet(false);
    const index = document?.indexOfNote(seq);
    if (index === undefined) view.current?.toStart();
    else view.current?.reveal(index);
  };

  const gaps = document?.gaps ?? { count: 0, bytes: 0 };
  const { behind, sealed } = session;
  const connection = connectionWords({ ...status, copy: run, gaps, behind, missing: sealed?.missing ?? 0, away });
  if (status.refused === "bad_key") return <PrivateRun />;
  if (!run || !document) return <Nothing connection={connection} {...status} />;
  const time = replay.active ? replay.t : (run.ended ?? seen) - run.started;
  return (
    <div class={open ? "page with-panel" : "page"}>
      <Header
        run={run}
        progress={replay.progress}
        time={time}
        now={now}
        seen={seen}
        skew={status.skew}
        panel={open}
        onPanel={() => showPanel(!open)}
      >
        {atLeast(session.role, "owner") && <LinksButton skew={status.skew} />}
        {!isOver(run) && <BellButton bell={bell} />}
        <ControlButton session={session} onType={type} />
      </Header>
      <main>
        <Stage replay={replay} run={run}>
          <LogPane document={document} session={session} view={view} />
          {document.count === 0 && <Waiting run={run} now={seen} />}
        </Stage>
        <ControlStrip session={session} />
      </main>
      {open && (
        <Panel
          run={run}
          progress={replay.progress}
          now={time}
          sheet={phone}
          onClose={() => showPanel(false)}
          onNote={toNote}
        />
      )}
      {typing && may(session, "type") && (
        <TypeBar
          field={line}
          sealed={session.sealed !== undefined}
          onType={(data) => session.requests.ask({ do: "type", data })}
          onClose={() => setTyping(false)}
        />
      )}
      <TimeLine session={session} replay={replay} />
      <Foot
        bytes={document.end}
        lines={document.lines}
        connection={connection}
        troubles={[...troubles(run, gaps), ...(sealed?.trouble ? [t.sealed[sealed.trouble]] : [])]}
        sealed={sealed}
        proof={proofWords(run)}
        isPrivate={run.private === true}
        onHelp={() => setHelp(true)}
      />
      <Announcer lines={document.lines} counts={session.progress.counts} />
      {help && <Help onClose={() => setHelp(false)} />}
    </div>
  );
}

/** The hub's time, in Unix seconds; renders anew when one of the two has changed and once a second. */
function useNow(session: Session, replay: Replay): number {
  const [, refresh] = useReducer((n: number) => n + 1, 0);
  useEffect(() => {
    let waiting: ReturnType<typeof setTimeout> | undefined;
    const soon = () => {
      waiting ??= setTimeout(() => {
        waiting = undefined;
        refresh(undefined);
      }, REFRESH);
    };
    const stops = [session.onChange(soon), replay.onChange(soon)];
    const tick = setInterval(soon, 1000);
    return () => {
      for (const stop of stops) stop();
      clearInterval(tick);
      clearTimeout(waiting);
    };
  }, [session, replay]);
  return Date.now() / 1000 + session.status.skew;
}
