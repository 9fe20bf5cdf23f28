/** What is shown of a private run to whoever has no key of the hub, or not the right one. */

import { useState } from "preact/hooks";
import { forgetKey, hasKey, keepKey, startAnew } from "../key";
import { t } from "../messages";
import { KeyForm } from "./key_form";

export function PrivateRun() {
  const [wrong] = useState(takeKey);
  const open = (key: string) => {
    keepKey(key);
    startAnew();
  };
  return <KeyForm words={t.privateRun} wrong={wrong} onKey={open} />;
}

/** Lets go of the key that was refused, which may be that of something else; whether there was one. */
function takeKey(): boolean {
  const had = hasKey();
  forgetKey();
  return had;
}
