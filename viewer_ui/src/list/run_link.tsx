/** A run's name, which opens it: the link is asked of the hub when the reader turns to it. */

import { useRef, useState } from "preact/hooks";
import type { ListedRun } from "../protocol";
import { root } from "../root";
import { nameOf } from "./list_words";

interface Props {
  run: ListedRun;
  /** The token of a link to it. */
  link: (run: ListedRun) => Promise<string>;
}

export function RunLink({ run, link }: Props) {
  const [address, setAddress] = useState<string | undefined>(undefined);
  const asked = useRef<Promise<string> | undefined>(undefined);
  const ask = () => {
    asked.current ??= link(run).then((token) => `${root()}r/${token}`);
    asked.current.then(setAddress).catch(() => {
      asked.current = undefined;
    });
    return asked.current;
  };
  const open = (event: MouseEvent) => {
    if (address) return;
    event.preventDefault();
    void ask().then((found) => location.assign(found));
  };
  return (
    <a
      class="run-link"
      href={address ?? root()}
      data-run={run.id}
      onPointerEnter={() => void ask().catch(() => {})}
      onFocus={() => void ask().catch(() => {})}
      onClick={open}
    >
      <bdi>{nameOf(run)}</bdi>
    </a>
  );
}
