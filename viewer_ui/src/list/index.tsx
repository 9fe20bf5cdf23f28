/** The page at the hub's own address: the list of all runs, for whoever has the owner's key. */

import { render } from "preact";
import { useState } from "preact/hooks";
import { KeyForm } from "../components/key_form";
import { findKey, forgetKey, keepKey } from "../key";
import { t } from "../messages";
import { ListPage } from "./list_page";
import { OwnersHub } from "./owners_hub";
import { Runs } from "./runs";
import "./list.css";

export function open(page: HTMLElement): void {
  render(<List first={findKey()} />, page);
}

function List({ first }: { first: string | undefined }) {
  const [runs, setRuns] = useState(() => (first ? opened(first) : undefined));
  const [wrong, setWrong] = useState(false);
  if (!runs) {
    const open = (key: string) => {
      keepKey(key);
      setRuns(opened(key));
    };
    return <KeyForm words={t.list} wrong={wrong} onKey={open} />;
  }
  const refused = () => {
    forgetKey();
    setWrong(true);
    setRuns(undefined);
  };
  return <ListPage runs={runs} onWrongKey={refused} />;
}

function opened(key: string): Runs {
  const runs = new Runs(new OwnersHub(key));
  addEventListener("online", () => runs.wake());
  document.addEventListener("visibilitychange", () => document.hidden || runs.wake());
  void runs.start();
  return runs;
}
