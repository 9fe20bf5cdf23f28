/** The keys of searching. */

import type { KeyHelp } from "../components/keys";
import { t } from "../messages";

export const searchHelp = (): KeyHelp[] => [
  [["/", "Ctrl+F"], t.search.open],
  [["n", "N"], t.search.keys.next],
];
