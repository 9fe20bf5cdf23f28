/** What a reader does with the log besides scrolling: marks, links, copies, goes to places, chooses how it looks. */

import { useLayoutEffect, useState } from "preact/hooks";
import { useKeys } from "../components/keys";
import type { Session } from "../feed/session";
import type { LogDocument } from "../log/document";
import type { LogView } from "../view/log_view";
import { useCopying } from "./copying";
import { GoTo } from "./go_to";
import { Journey } from "./journey";
import { type Away, useLeft } from "./left";
import { PlaceBar } from "./place_bar";
import { usePlaceLinks } from "./place_links";
import { LogSelection } from "./selection";
import { TIMES, useLooks, useSettings } from "./settings";
import { Toast } from "./toast";
import { useTimes } from "./use_times";
import type { Wish } from "./wish";

interface Props {
  view: LogView;
  document: LogDocument;
  session: Session;
  letGo: Away | undefined;
}

export function Reading({ view, document, session, letGo }: Props) {
  const { wrap, setWrap, times, setTimes } = useSettings();
  const [asking, setAsking] = useState(false);
  const { journey, selection } = useMoves(view, document, session);
  useLooks();
  useCopying(selection, document);
  const { linked, copy, clear } = usePlaceLinks(view, journey, document);
  const left = useLeft(document, letGo);
  const time = useTimes(view, document, session);
  useLayoutEffect(() => {
    view.reading = { wrap, time, linked, left };
  }, [view, wrap, time, linked, left]);

  const go = (wish: Wish) => {
    if ("line" in wish) return void journey?.to({ first: wish.line, last: wish.line });
    if ("share" in wish) return void journey?.to(lineAt(document, wish.share));
    if ("later" in wish) return void journey?.later(wish.later);
    void journey?.toTime(wish.time);
  };
  const nextTimes = () => setTimes(TIMES[(TIMES.indexOf(times) + 1) % TIMES.length] ?? "none");
  useKeys({
    ":": () => setAsking(true),
    "Ctrl+g": () => setAsking(true),
    "Ctrl+a": () => selection?.all(),
    t: nextTimes,
    z: () => setWrap(!wrap),
    c: () => copy(selection?.lines),
  });
  return (
    <>
      {asking && <GoTo onGo={go} onClose={() => setAsking(false)} />}
      {linked && <PlaceBar lines={linked} onCopy={() => copy(linked)} onClear={clear} />}
      <Toast />
    </>
  );
}

/** What moves and marks, for as long as the log is shown. */
function useMoves(
  view: LogView,
  document: LogDocument,
  session: Session,
): { journey?: Journey; selection?: LogSelection } {
  const [moves, setMoves] = useState({});
  useLayoutEffect(() => {
    const journey = new Journey(view, document, session);
    const selection = new LogSelection(view, document);
    setMoves({ journey, selection });
    return () => {
      journey.stop();
      selection.stop();
    };
  }, [view, document, session]);
  return moves;
}

function lineAt({ lines }: LogDocument, share: number): { first: number; last: number } {
  const line = Math.max(1, Math.round(share * lines));
  return { first: line, last: line };
}
