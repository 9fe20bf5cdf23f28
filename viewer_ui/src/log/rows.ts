/** A row of the log, as it is drawn. */

import type { Level } from "../progress/fields";
import type { Group } from "./groups";
import type { StyledText, Styles } from "./styles";

export interface Row extends StyledText {
  kind: "line" | "gap" | "hole" | "note" | "group" | "silence" | "loading" | "screen";
  /** The line's number from 1, 0 for a row that isn't a line; `about` when lines before it are not counted yet. */
  number: number;
  about: boolean;
  /** How many characters of the line are not in `text`. */
  more: number;
  /** The bytes missing at a gap or hole. */
  bytes: number;
  /** How grave what it says is: of a note, or of the line that one tells of. */
  level: Level | undefined;
  /** What it is the heading of. */
  group: Heading | undefined;
  /** How long nothing was written before the next line. */
  seconds: number;
  /** Where its line, or the next one, begins in the output. */
  offset?: number | undefined;
  /** When that was written, in seconds since the run's start, and to which descriptor, once known. */
  time?: number | undefined;
  fd?: 1 | 2 | undefined;
  styles: Styles;
}

/** A group as its heading shows it; `hidden` is how many rows are folded away, undefined where they are shown. */
export interface Heading {
  group: Group;
  hidden: number | undefined;
}

/** A row of which nothing is known but its kind. */
export const EMPTY = {
  text: "",
  runs: [],
  number: 0,
  about: false,
  more: 0,
  bytes: 0,
  level: undefined,
  group: undefined,
  seconds: 0,
};
