/** One of several runs that are followed together: how it stands, and the end of its output as it comes. */

import { useEffect, useRef } from "preact/hooks";
import { patiently } from "../feed/patience";
import { Session } from "../feed/session";
import { t } from "../messages";
import type { ListedRun } from "../protocol";
import { LogView } from "../view/log_view";
import { clock, duration, elapsed, stateWords } from "../words";
import { nameOf } from "./list_words";
import { leftOf } from "./order";
import { RunBar } from "./run_bar";
import { RunLink } from "./run_link";

interface Props {
  run: ListedRun;
  now: number;
  seen: number;
  link: (run: ListedRun) => Promise<string>;
}

export function Tile({ run, now, seen, link }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const visit: { over: boolean; session?: Session } = { over: false };
    const ask = () => link(run);
    void patiently(ask, () => !visit.over).then((token) => {
      if (token && !visit.over && scroller.current) visit.session = follow(token, scroller.current);
    });
    return () => {
      visit.over = true;
      visit.session?.stop();
    };
  }, [run.id]);
  const { state, shape, word, tone, detail } = stateWords(run, now, seen);
  const left = state === undefined ? null : leftOf(run, now);
  return (
    <section class="tile" aria-label={nameOf(run)}>
      <h2>
        <span class={`shape ${tone}`} aria-hidden="true">
          {shape}
        </span>
        <RunLink run={run} link={link} />
        <span class={`word ${tone}`}>{detail ? `${word} · ${detail}` : word}</span>
        <span class="tile-time">
          {clock(elapsed(run, now, seen))}
          {left !== null && ` · ${t.header.eta(duration(left))}`}
        </span>
      </h2>
      <RunBar run={run} tone={tone} />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard */}
      <div class="log" role="log" aria-live="off" aria-label={t.log.title} tabIndex={0} ref={scroller} />
    </section>
  );
}

/** Shows the output of the run of a link in an element. */
function follow(token: string, scroller: HTMLElement): Session {
  const session = new Session(token);
  let view: LogView | undefined;
  session.onChange(() => {
    if (!view && session.document) view = new LogView(scroller, session.document);
    view?.invalidate();
  });
  void session.start();
  return session;
}
