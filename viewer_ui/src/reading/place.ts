/** A place in a log as the fragment of an address: `#L120`, `#L120-L140`, `#t=12:34`. */

import { t } from "../messages";

export interface Lines {
  first: number;
  last: number;
}

export type Place = Lines | { time: number };

const LINES = /^L(\d{1,12})(?:-L?(\d{1,12}))?$/;
const CLOCK = /^(?:(\d{1,6}):)?(\d{1,8}):(\d{1,2}(?:\.\d{1,9})?)$/;
const SECONDS = /^(\d{1,9}(?:\.\d{1,9})?)s?$/;

/** The place that a fragment names, among whatever else it says. */
export function placeOf(fragment: string): Place | undefined {
  for (const part of partsOf(fragment)) {
    const place = linesOf(part) ?? timeOf(part);
    if (place) return place;
  }
  return undefined;
}

export function fragmentOf(place: Place): string {
  if ("time" in place) return `#t=${spoken(place.time)}`;
  return place.first === place.last ? `#L${place.first}` : `#L${place.first}-L${place.last}`;
}

/** The fragment with another place or none, and whatever else it says. */
export function withPlace(fragment: string, place: Place | undefined): string {
  const others = partsOf(fragment).filter((part) => !linesOf(part) && !timeOf(part));
  const parts = place ? [fragmentOf(place).slice(1), ...others] : others;
  return parts.length ? `#${parts.join("&")}` : "";
}

/** The fragment of a link for others: the key of an encrypted run is theirs too, what else it says this reader's own. */
export function sharedFragment(fragment: string, place?: Place): string {
  const key = partsOf(fragment).filter((part) => part.startsWith("e2e="));
  return withPlace(key.join("&"), place);
}

/** A place for people: "lines 7 to 9". */
export function linesWords({ first, last }: Lines): string {
  return first === last ? t.reading.line(first) : t.reading.lines(first, last);
}

/** Seconds since the start of 12:34, 1:02:03.5 or 754 s. */
export function secondsOf(words: string): number | undefined {
  const [, hours = "0", minutes, seconds] = CLOCK.exec(words) ?? [];
  if (minutes !== undefined) return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  const plain = SECONDS.exec(words)?.[1];
  return plain === undefined ? undefined : Number(plain);
}

function partsOf(fragment: string): string[] {
  return fragment.replace(/^#/, "").split("&").filter(Boolean);
}

function linesOf(part: string): Place | undefined {
  const [, from, to = from] = LINES.exec(part) ?? [];
  if (from === undefined) return undefined;
  const lines = [Number(from), Number(to)].map((line) => Math.max(1, line));
  return { first: Math.min(...lines), last: Math.max(...lines) };
}

function timeOf(part: string): Place | undefined {
  const time = part.startsWith("t=") ? secondsOf(part.slice(2)) : undefined;
  return time === undefined ? undefined : { time };
}

function spoken(seconds: number): string {
  const whole = Math.floor(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const rest = (seconds - hours * 3600 - minutes * 60).toFixed(3).replace(/\.?0+$/, "");
  const two = (figure: number | string) => (Number(figure) < 10 ? `0${figure}` : String(figure));
  return hours ? `${hours}:${two(minutes)}:${two(rest || 0)}` : `${minutes}:${two(rest || 0)}`;
}
