/** Stops the job, after a word of what that means; and, where it may be, pauses it, signals it and opens the line to type. */

import { useId, useState } from "preact/hooks";
import type { Session } from "../feed/session";
import { t } from "../messages";
import type { ControlRequest } from "../protocol";
import { may } from "./leave";
import { SIGNALS, signalName } from "./words";

interface Props {
  session: Session;
  onType: () => void;
}

export function ControlButton({ session, onType }: Props) {
  const id = useId();
  if (!may(session, "stop")) return null;
  const ask = (wanted: Omit<ControlRequest, "id">) => {
    close();
    session.requests.ask(wanted);
  };
  const close = () => document.getElementById(id)?.hidePopover();
  const type = () => {
    close();
    onType();
  };
  const { paused } = session.progress.dealings;
  return (
    <>
      <button
        type="button"
        class="icon-button stop-button"
        popovertarget={id}
        aria-label={t.control.title}
        title={t.control.title}
      >
        <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
          <rect x="3" y="3" width="10" height="10" rx="1.5" fill="currentColor" />
        </svg>
      </button>
      <div id={id} popover="auto" class="bell control" role="dialog" aria-label={t.control.title}>
        <p>{t.control.hint}</p>
        <button type="button" class="stop" onClick={() => ask({ do: "stop" })}>
          {t.control.stop}
        </button>
        {may(session, "pause") && (
          <>
            <button type="button" onClick={() => ask({ do: paused ? "continue" : "pause" })}>
              {paused ? t.control.asked.continue : t.control.asked.pause}
            </button>
            <SignalMenu onSignal={(signal) => ask({ do: "signal", signal })} />
          </>
        )}
        {may(session, "type") && (
          <button type="button" onClick={type}>
            {t.control.type}
          </button>
        )}
      </div>
    </>
  );
}

function SignalMenu({ onSignal }: { onSignal: (signal: string) => void }) {
  const [signal, setSignal] = useState(SIGNALS[0] ?? "");
  return (
    <div class="signals">
      <select
        aria-label={t.control.signal}
        value={signal}
        onChange={({ currentTarget }) => setSignal(currentTarget.value)}
      >
        {SIGNALS.map((each) => (
          <option key={each} value={each}>
            {signalName(each)}
          </option>
        ))}
      </select>
      <button type="button" onClick={() => onSignal(signal)}>
        {t.control.send}
      </button>
    </div>
  );
}
