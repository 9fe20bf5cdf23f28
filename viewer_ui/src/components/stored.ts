/** A choice of the reader's that this browser remembers, as far as it may; every part of the page knows it at once. */

import { useLayoutEffect, useReducer } from "preact/hooks";

type Value = boolean | number | string;

/** What was chosen during this visit: holds even where nothing may be kept. */
const chosen = new Map<string, Value>();
const listeners = new Set<() => void>();

/** `allowed`, if given, are the values there are: what was kept by another version of the page may be none of them. */
export function useStored<T extends Value>(
  name: string,
  otherwise: T,
  allowed?: readonly T[],
): [Widened<T>, (value: Widened<T>) => void] {
  const [, refresh] = useReducer((n: number) => n + 1, 0);
  useLayoutEffect(() => {
    const listener = () => refresh(undefined);
    listeners.add(listener);
    return () => listeners.delete(listener) && undefined;
  }, []);
  const set = (value: Widened<T>) => store(name, value);
  const found = (chosen.get(name) ?? read(name)) as T | undefined;
  const valid = typeof found === typeof otherwise && (!allowed || allowed.includes(found as T));
  return [(valid ? found : otherwise) as Widened<T>, set];
}

/** `true` given as the default still means a boolean. */
type Widened<T> = T extends boolean ? boolean : T extends number ? number : T;

function store(name: string, value: Value): void {
  chosen.set(name, value);
  try {
    localStorage.setItem(name, JSON.stringify(value));
  } catch {
    // Where nothing may be kept, the choice holds for this visit.
  }
  for (const listener of listeners) listener();
}

function read(name: string): unknown {
  try {
    return JSON.parse(localStorage.getItem(name) ?? "null");
  } catch {
    return undefined;
  }
}
