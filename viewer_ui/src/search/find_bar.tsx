/** What to look for, how much of it there is, and the ways to it. */

import { useLayoutEffect, useRef } from "preact/hooks";
import { t } from "../messages";
import type { Query } from "./found";
import type { Search } from "./search";

interface Props {
  query: Query;
  search: Search | undefined;
  /** The number of the hit that the reader was led to, from 0. */
  current: number | undefined;
  onQuery: (query: Query) => void;
  onGo: (by: 1 | -1) => void;
  onClose: () => void;
}

export function FindBar({ query, search, current, onQuery, onGo, onClose }: Props) {
  const field = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => field.current?.select(), []);
  const pressed = (event: KeyboardEvent) => {
    if (event.isComposing) return;
    if (event.key === "Enter") onGo(event.shiftKey ? -1 : 1);
    else if (event.key === "Escape") onClose();
    else return;
    event.preventDefault();
  };
  return (
    <search class="find" onKeyDown={pressed}>
      <input
        ref={field}
        type="text"
        value={query.text}
        aria-label={t.search.label}
        placeholder={t.search.label}
        aria-invalid={Boolean(search?.trouble)}
        aria-describedby="find-count"
        autocomplete="off"
        autocapitalize="off"
        enterkeyhint="search"
        spellcheck={false}
        maxLength={1000}
        onInput={({ currentTarget }) => onQuery({ ...query, text: currentTarget.value })}
      />
      <Toggle on={query.case} sign="Aa" name={t.search.case} onToggle={(on) => onQuery({ ...query, case: on })} />
      <Toggle on={query.regex} sign=".*" name={t.search.regex} onToggle={(on) => onQuery({ ...query, regex: on })} />
      <output id="find-count" class={search?.trouble === undefined ? "count" : "count bad"}>
        {query.text && search ? wordsOf(search, current) : ""}
      </output>
      <Way sign="↑" name={t.search.previous} onClick={() => onGo(-1)} />
      <Way sign="↓" name={t.search.next} onClick={() => onGo(1)} />
      <Way sign="✕" name={t.search.close} onClick={onClose} />
    </search>
  );
}

function wordsOf({ hits, busy, limited, share, trouble }: Search, current: number | undefined): string {
  if (trouble !== undefined) return trouble || t.search.failed;
  const found = `${t.format.whole(hits.count)}${limited ? "+" : ""}`;
  if (busy && share < 1) return t.search.searching(found, t.units.percent(t.format.whole(Math.floor(share * 100))));
  if (!hits.count) return t.search.none;
  return current === undefined ? t.search.found(hits.count, found) : t.search.nth(t.format.whole(current + 1), found);
}

function Toggle(props: { on: boolean; sign: string; name: string; onToggle: (on: boolean) => void }) {
  const { on, sign, name, onToggle } = props;
  return (
    <button type="button" aria-pressed={on} aria-label={name} title={name} onClick={() => onToggle(!on)}>
      {sign}
    </button>
  );
}

function Way({ sign, name, onClick }: { sign: string; name: string; onClick: () => void }) {
  return (
    <button type="button" aria-label={name} title={name} onClick={onClick}>
      {sign}
    </button>
  );
}
