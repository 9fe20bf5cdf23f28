/** Above the list: its filter, how many match it, and what can be done with the runs that are selected. */

import type { RefObject } from "preact";
import { t } from "../messages";

interface Props {
  filter: RefObject<HTMLInputElement | null>;
  typed: string;
  onType: (typed: string) => void;
  /** How many runs there are, or match. */
  words: string;
  empty: boolean;
  selected: number;
  following: boolean;
  onFollow: () => void;
  onRemove: () => void;
  onBack: () => void;
}

export function Bar({ filter, typed, onType, words, empty, selected, following, onFollow, onRemove, onBack }: Props) {
  const keyed = (event: KeyboardEvent) => {
    if (event.key !== "Escape" && event.key !== "Enter") return;
    event.stopPropagation();
    if (event.key === "Escape") onType("");
    filter.current?.blur();
  };
  return (
    <header class="list-bar">
      <h1>{t.list.title}</h1>
      <input
        type="search"
        ref={filter}
        value={typed}
        placeholder={t.list.filterHint}
        aria-label={t.list.filter}
        spellcheck={false}
        autocomplete="off"
        autocapitalize="off"
        onInput={({ currentTarget }) => onType(currentTarget.value)}
        onKeyDown={keyed}
      />
      <span class="list-count" role="status">
        {words}
      </span>
      <span class="list-actions">
        {selected > 0 && !following && <span>{t.list.selected(selected)}</span>}
        {!empty && (
          <button type="button" onClick={following ? onBack : onFollow}>
            {following ? t.list.back : t.list.follow}
          </button>
        )}
        {selected > 0 && !following && (
          <>
            <button type="button" onClick={onRemove}>
              {t.list.removeDo}
            </button>
            <button type="button" aria-label={t.list.unselect} title={t.list.unselect} onClick={onBack}>
              ✕
            </button>
          </>
        )}
      </span>
    </header>
  );
}
