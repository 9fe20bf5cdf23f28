/** The keys of the terminal view and of the time line. */

import type { KeyHelp } from "../components/keys";
import { t } from "../messages";

export const replayHelp = (): KeyHelp[] => [
  [["v"], t.help.terminal],
  [["Space"], t.help.replay],
  [["<", ">"], t.help.speed],
  [["Esc"], t.help.now],
];
