/** A choice of the reader's that this browser remembers, as far as it may. */

import { useState } from "preact/hooks";

export function useStored(name: string, otherwise: boolean): [boolean, (value: boolean) => void] {
  const [value, setValue] = useState(() => read(name) ?? otherwise);
  const set = (chosen: boolean) => {
    setValue(chosen);
    try {
      localStorage.setItem(name, JSON.stringify(chosen));
    } catch {
      // Where nothing may be kept, the choice holds for this visit.
    }
  };
  return [value, set];
}

function read(name: string): boolean | undefined {
  try {
    const found = JSON.parse(localStorage.getItem(name) ?? "null");
    return typeof found === "boolean" ? found : undefined;
  } catch {
    return undefined;
  }
}
