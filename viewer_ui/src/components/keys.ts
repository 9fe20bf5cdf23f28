/** Keys that work anywhere on the page: single ones, and some with Ctrl (or ⌘), written "Ctrl+a". */

import { createContext } from "preact";
import { useContext, useLayoutEffect } from "preact/hooks";
import { useStored } from "./stored";

/** What each does; one that returns false has left its key to others. */
export type Keys = Record<string, () => unknown>;

/** Keys as the help lists them, and what they do. */
export type KeyHelp = [keys: string[], what: string];

/** Something lies over what is inside: nobody presses keys for what they can't see. */
export const Covered = createContext(false);

export function useKeys(keys: Keys): void {
  const covered = useContext(Covered);
  // Who speaks to the computer turns single characters off: WCAG 2.2, 2.1.4.
  const [single] = useStored("keys", true);
  // With what is drawn, not some time after it: a key that is pressed at once must not meet what was drawn before.
  useLayoutEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const key = event.ctrlKey || event.metaKey ? `Ctrl+${event.key}` : event.key;
      if (covered || event.altKey || event.defaultPrevented || isTyping(event.target)) return;
      if (key === " " && isPressed(event.target)) return;
      if (!single && key.length === 1) return;
      const act = Object.hasOwn(keys, key) ? keys[key] : undefined;
      if (act && act() !== false) event.preventDefault();
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  });
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.closest("input, textarea, select, dialog") !== null)
  );
}

/** The space bar presses what has the focus. */
function isPressed(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("button, a, summary") !== null;
}
