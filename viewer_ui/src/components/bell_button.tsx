/** What the reader wants to be told of while looking elsewhere. */

import { useReducer } from "preact/hooks";
import { t } from "../messages";
import type { Bell } from "../notify/bell";

export function BellButton({ bell }: { bell: Bell }) {
  const [, refresh] = useReducer((n: number) => n + 1, 0);
  const { wishes, hindrance } = bell;
  const rings = wishes.notify || wishes.sound;
  return (
    <>
      <button
        type="button"
        class={rings ? "icon-button rings" : "icon-button"}
        popovertarget="bell"
        aria-label={rings ? t.bell.on : t.bell.title}
        title={rings ? t.bell.on : t.bell.title}
      >
        <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
          <path
            d="M3 12h10l-1.2-1.8V7a3.8 3.8 0 0 0-7.6 0v3.2zM6.7 14.2h2.6"
            fill={rings ? "currentColor" : "none"}
            stroke="currentColor"
            stroke-width="1.5"
            stroke-linecap="round"
            stroke-linejoin="round"
          />
        </svg>
      </button>
      <fieldset id="bell" popover="auto" class="bell" aria-label={t.bell.title}>
        <Choice
          words={t.bell.notify}
          chosen={wishes.notify}
          choose={(wanted) => void bell.setNotify(wanted).then(() => refresh(undefined))}
        />
        <Choice
          words={t.bell.sound}
          chosen={wishes.sound}
          choose={(wanted) => {
            bell.setSound(wanted);
            refresh(undefined);
          }}
        />
        <p role="status">{hindrance ? t.bell[hindrance] : t.bell.while}</p>
      </fieldset>
    </>
  );
}

interface ChoiceProps {
  words: string;
  chosen: boolean;
  choose: (wanted: boolean) => void;
}

function Choice({ words, chosen, choose }: ChoiceProps) {
  return (
    <label>
      <input
        type="checkbox"
        checked={chosen}
        onChange={({ currentTarget }) => {
          choose(currentTarget.checked);
          // It shows what holds, which a refusal leaves as it was.
          currentTarget.checked = chosen;
        }}
      />
      {words}
    </label>
  );
}
