/** What is shown of a private run to whoever has no key of the hub, or not the right one. */

import { authorization, keepKey } from "../key";
import { t } from "../messages";
import { KeyForm } from "./key_form";

export function PrivateRun() {
  const open = (key: string) => {
    keepKey(key);
    location.reload();
  };
  return <KeyForm words={t.privateRun} wrong={"Authorization" in authorization()} onKey={open} />;
}
