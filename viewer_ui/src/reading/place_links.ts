/** Links to lines and moments: opens those of the page's address, and makes new ones. */

import { type Dispatch, type StateUpdater, useCallback, useLayoutEffect, useState } from "preact/hooks";
import { copyText } from "../clipboard";
import type { LogDocument } from "../log/document";
import { t } from "../messages";
import type { LogView } from "../view/log_view";
import type { Journey } from "./journey";
import { type Lines, linesWords, placeOf, sharedFragment, withPlace } from "./place";
import { say } from "./toast";

/** The lines that the address leads to, and what makes it lead elsewhere. */
export function usePlaceLinks(view: LogView, journey: Journey | undefined, log: LogDocument) {
  const [linked, setLinked] = useState<Lines | undefined>(undefined);
  const mark = useCallback((lines: Lines | undefined) => {
    history.replaceState(null, "", location.pathname + location.search + withPlace(location.hash, lines));
    setLinked(lines);
  }, []);
  useOpening(journey, setLinked);
  useClicks(view, linked?.first, mark);

  /** Copies the link to the lines marked, else to the first in sight, which are then. */
  const copy = (selected: Lines | undefined) => {
    const lines = selected ?? linked ?? firstInSight(view, log);
    if (!lines) return;
    mark(lines);
    void copyLink(lines);
  };
  return { linked, copy, clear: () => mark(undefined) };
}

/** Goes where the address leads, now and whenever it changes. */
function useOpening(journey: Journey | undefined, setLinked: Dispatch<StateUpdater<Lines | undefined>>): void {
  useLayoutEffect(() => {
    if (!journey) return;
    const open = () => {
      const place = placeOf(location.hash);
      setLinked(place && "first" in place ? place : undefined);
      if (place) void journey.to(place).then((line) => line && setLinked((set) => set ?? { first: line, last: line }));
    };
    open();
    addEventListener("hashchange", open);
    return () => removeEventListener("hashchange", open);
  }, [journey, setLinked]);
}

/** A number that is clicked marks its line; with Shift, all from `first` up to there. */
function useClicks(view: LogView, first: number | undefined, mark: (lines: Lines) => void): void {
  useLayoutEffect(() => {
    const clicked = (event: MouseEvent) => {
      const line = lineOf(event.target);
      if (line === undefined || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      const begun = event.shiftKey && first ? first : line;
      mark({ first: Math.min(begun, line), last: Math.max(begun, line) });
    };
    // No text is selected by it.
    const pressed = (event: MouseEvent) => lineOf(event.target) !== undefined && event.preventDefault();
    view.scroller.addEventListener("click", clicked);
    view.scroller.addEventListener("mousedown", pressed);
    return () => {
      view.scroller.removeEventListener("click", clicked);
      view.scroller.removeEventListener("mousedown", pressed);
    };
  }, [view, first, mark]);
}

async function copyLink(lines: Lines): Promise<void> {
  const link = location.href.split("#")[0] + sharedFragment(location.hash, lines);
  say((await copyText(link)) ? t.reading.linkCopied(linesWords(lines)) : t.reading.linkAbove);
}

function firstInSight(view: LogView, log: LogDocument): Lines | undefined {
  for (let index = view.top; index < log.count; index++) {
    const { number, about } = log.row(index, 0);
    if (number && !about) return { first: number, last: number };
  }
  return undefined;
}

/** The line whose number was clicked. */
function lineOf(target: EventTarget | null): number | undefined {
  const number = target instanceof Element ? target.closest<HTMLElement>(".number[href]") : null;
  return number ? Number(number.dataset.n) : undefined;
}
