/** Over the log, as long as there is something to say: what was asked of the job, what it got, and what comes next. */

import type { Session } from "../feed/session";
import { t } from "../messages";
import { isOver } from "../notify/moments";
import type { NextSignal } from "../protocol";
import { may } from "./leave";
import { requestWords, signalName } from "./words";

export function ControlStrip({ session }: { session: Session }) {
  const { run, requests, progress, status } = session;
  const goesOn = run && !isOver(run);
  const stopping = goesOn ? progress.dealings.stopping : undefined;
  const paused = goesOn ? progress.dealings.paused : undefined;
  const told = goesOn || requests.shown?.state === "refused" ? requests.shown : undefined;
  const asked = told && requestWords(told, status.connected);
  const got = stopping && t.control.stopping(signalName(stopping.signal), stopping.by);
  const words = [asked, got, paused && t.control.paused(paused.by)].filter(Boolean);
  return (
    <div class="control-strip">
      <p role="status">{words.join(" · ")}</p>
      {stopping?.next && <Following session={session} next={stopping.next} since={stopping.t} />}
      {paused && may(session, "continue") && (
        <button type="button" onClick={() => requests.ask({ do: "continue" })}>
          {t.control.asked.continue}
        </button>
      )}
      {asked && (
        <button
          type="button"
          aria-label={t.control.dismiss}
          title={t.control.dismiss}
          onClick={() => requests.dismiss()}
        >
          ✕
        </button>
      )}
    </div>
  );
}

/** What comes next, and when, unless it is asked for now. */
function Following({ session, next, since }: { session: Session; next: NextSignal; since: number }) {
  // By the runner's clock it comes; the hub's, by which we know the time, may differ from that.
  const seconds = Math.ceil(Math.min(next.at - since, Math.max(0, next.at - session.time)));
  return (
    <>
      <span class="countdown">{t.control.follows(signalName(next.signal), seconds)}</span>
      {session.status.connected && may(session, "stop") && (
        <button type="button" onClick={() => session.requests.ask({ do: "stop", signal: next.signal })}>
          {t.control.now(signalName(next.signal))}
        </button>
      )}
    </>
  );
}
