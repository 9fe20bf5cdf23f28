/** The reader's choices, in a box that opens from a button and goes when one clicks elsewhere. */

import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { t } from "../messages";
import { Patterns } from "../search/patterns";
import { THEMES } from "../theme";
import { SIZES, TIMES, useSettings } from "./settings";

export function SettingsButton() {
  const id = useId();
  return (
    <>
      <button
        type="button"
        class="quiet-button settings-button"
        aria-label={t.reading.settings.title}
        title={t.reading.settings.title}
        popovertarget={id}
      >
        Aa
      </button>
      <div id={id} popover="auto" class="settings" role="dialog" aria-label={t.reading.settings.title}>
        <Settings />
      </div>
    </>
  );
}

function Settings() {
  const words = t.reading.settings;
  const { wrap, setWrap, size, setSize, times, setTimes, theme, setTheme, keys, setKeys } = useSettings();
  const sizes = SIZES.map((each): [number, string] => [each, `${each} px`]);
  return (
    <>
      <Choice label={words.size} value={size} values={sizes} onChoose={setSize} />
      <Choice
        label={words.times}
        value={times}
        values={TIMES.map((each) => [each, words.time[each]])}
        onChoose={setTimes}
      />
      <Choice
        label={t.theme.title}
        value={theme}
        values={THEMES.map((each) => [each, t.theme[each]])}
        onChoose={setTheme}
      />
      <Switch label={words.wrap} on={wrap} onTurn={setWrap} />
      <Switch label={words.keys} on={keys} onTurn={setKeys} />
      <Patterns />
    </>
  );
}

interface ChoiceProps<T> {
  label: string;
  value: T;
  values: [T, string][];
  onChoose: (value: T) => void;
}

function Choice<T extends string | number>({ label, value, values, onChoose }: ChoiceProps<T>) {
  const chosen = (index: string) => {
    const found = values[Number(index)];
    if (found) onChoose(found[0]);
  };
  return (
    <Labelled label={label}>
      <select
        value={String(values.findIndex(([each]) => each === value))}
        onChange={({ currentTarget }) => chosen(currentTarget.value)}
      >
        {values.map(([each, words], index) => (
          <option key={each} value={String(index)}>
            {words}
          </option>
        ))}
      </select>
    </Labelled>
  );
}

function Switch({ label, on, onTurn }: { label: string; on: boolean; onTurn: (on: boolean) => void }) {
  return (
    <Labelled label={label}>
      <input type="checkbox" checked={on} onChange={({ currentTarget }) => onTurn(currentTarget.checked)} />
    </Labelled>
  );
}

function Labelled({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: its control is its child
    <label>
      <span>{label}</span>
      {children}
    </label>
  );
}
