/** The keys by which a log is read. */

import type { KeyHelp } from "../components/keys";
import { t } from "../messages";

export const readingHelp = (): KeyHelp[] => [
  [[":", "Ctrl+G"], t.reading.keys.goTo],
  [["e"], t.reading.keys.error],
  [["w"], t.reading.keys.warning],
  [["t"], t.reading.keys.times],
  [["z"], t.reading.keys.wrap],
  [["c"], t.reading.keys.link],
  [["Ctrl+A"], t.reading.keys.select],
  [["⇧", "#"], t.reading.keys.numbers],
];
