/** Searching the log: the bar, the marks in the rows and beside the scroll bar, and the keys. */

import { useLayoutEffect, useMemo, useState } from "preact/hooks";
import { useKeys } from "../components/keys";
import type { Session } from "../feed/session";
import type { LogDocument } from "../log/document";
import type { Note } from "../progress/fold";
import { Journey } from "../reading/journey";
import type { LogView } from "../view/log_view";
import { FindBar } from "./find_bar";
import type { Hit, Query } from "./found";
import { clearHighlights, highlight } from "./highlight";
import type { Search } from "./search";
import { type Mark, Strip } from "./strip";
import { useProblems } from "./use_problems";
import { placeOf, useSearch } from "./use_search";

interface Props {
  view: LogView;
  document: LogDocument;
  session: Session;
}

const NONE: readonly Hit[] = [];

/** What opens the bar from elsewhere on the page. */
let opener: (() => void) | undefined;

export function openFindBar(): void {
  opener?.();
}

export function Finding({ view, document, session }: Props) {
  const [open, setOpen] = useState(false);
  const [query, setQuery] = useState<Query>({ text: "", case: false, regex: false });
  const [current, setCurrent] = useState<number | undefined>(undefined);
  const [wanted, setWanted] = useState<1 | -1 | undefined>(undefined);
  const search = useSearch(view, document, session, open ? query : { ...query, text: "" });
  const journey = useJourney(view, document, session);
  useHighlights(view, document, search, current);
  useLayoutEffect(() => setCurrent(undefined), [search]);

  const go = (by: 1 | -1) => {
    const hit = isOf(query, search) ? nextOf(search, current, by, view, document) : undefined;
    setWanted(!hit && isAwaited(query, search) ? by : undefined);
    if (!hit) return;
    setCurrent(hit.at);
    void journey?.toOffset(hit.at);
  };
  useLayoutEffect(() => wanted && go(wanted));
  const ask = (asked: Query) => {
    setWanted(undefined);
    setQuery(asked);
  };
  const close = () => {
    setOpen(false);
    setWanted(undefined);
    view.scroller.focus({ preventScroll: true });
  };
  const show = () => setOpen(true);
  useLayoutEffect(() => {
    opener = show;
    return () => {
      opener = undefined;
    };
  });
  useProblems(view, document, session, journey);
  useKeys({ "/": show, "Ctrl+f": show, ...(open && { n: () => go(1), N: () => go(-1), Escape: close }) });
  const nth = search?.hits.of(current) && search.hits.indexFrom(current ?? 0);
  const marks = useMarks(document, session.progress.notes, search, current);
  return (
    <>
      {marks.length > 0 && <Strip marks={marks} />}
      {open && <FindBar query={query} search={search} current={nth} onQuery={ask} onGo={go} onClose={close} />}
    </>
  );
}

/** Whether that is what is being searched for, and not what was before the last key. */
function isOf(query: Query, search: Search | undefined): boolean {
  const asked = search?.query;
  return asked?.text === query.text && asked.case === query.case && asked.regex === query.regex;
}

/** Whether there may still be something to go to: who presses Enter is faster than any search. */
function isAwaited(query: Query, search: Search | undefined): boolean {
  return query.text !== "" && (!isOf(query, search) || Boolean(search?.busy));
}

/** From the hit that the reader was led to last, else from what is in sight. */
function nextOf(
  search: Search | undefined,
  current: number | undefined,
  by: 1 | -1,
  view: LogView,
  log: LogDocument,
): Hit | undefined {
  if (!search) return undefined;
  if (current !== undefined) return search.hits.next(current, by);
  if (view.following) return search.hits.next(log.end + 1, -1);
  const place = placeOf(view, log);
  return search.hits.next(by > 0 ? place - 1 : place, by);
}

function useJourney(view: LogView, log: LogDocument, session: Session): Journey | undefined {
  const [journey, setJourney] = useState<Journey | undefined>(undefined);
  useLayoutEffect(() => {
    const made = new Journey(view, log, session);
    setJourney(made);
    return () => made.stop();
  }, [view, log, session]);
  return journey;
}

function useHighlights(view: LogView, log: LogDocument, search: Search | undefined, current: number | undefined): void {
  useLayoutEffect(() => {
    if (!search) return;
    const mark = () => highlight(view, log, search.hits, current);
    view.onDraw.add(mark);
    return () => {
      view.onDraw.delete(mark);
      clearHighlights();
    };
  }, [view, log, search, current]);
  useLayoutEffect(() => view.invalidate());
}

function useMarks(log: LogDocument, notes: Note[], search: Search | undefined, current: number | undefined): Mark[] {
  const found = search?.hits.all ?? NONE;
  const { lines, count, whole } = log;
  const known = `${found.length} ${notes.length} ${lines} ${count} ${whole} ${current}`;
  // What is found, noted and shown changes in place, which `known` tells.
  return useMemo(() => [...noteMarks(log, notes), ...hitMarks(found, lines, current)], [log, found, known]);
}

function hitMarks(found: readonly Hit[], lines: number, current: number | undefined): Mark[] {
  const marks = found.map(({ line, at }): Mark => {
    return { share: Math.min(1, line / Math.max(1, lines)), kind: at === current ? "current" : "found" };
  });
  return marks.toSorted((a, b) => Number(a.kind === "current") - Number(b.kind === "current"));
}

function noteMarks(log: LogDocument, notes: readonly Note[]): Mark[] {
  return notes.flatMap(({ at, level }): Mark[] => {
    return level === "info" ? [] : [{ share: log.rowOfOffset(at) / Math.max(1, log.count), kind: level }];
  });
}
