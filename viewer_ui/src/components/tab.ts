/** The browser's tab says how the run stands: in its title and its icon. */

import { useEffect } from "preact/hooks";
import { percentWords } from "../progress/words";
import { type StateWords, sentence, type Tone } from "../words";

/** `percent` is the main task's, null where it isn't known. */
export function useTab(state: StateWords | undefined, name: string | undefined, percent: number | null): void {
  const going = state?.state === "running" ? percent : null;
  const title = state && name ? titleOf(state, name, going) : "progress";
  useEffect(() => {
    document.title = title;
  }, [title]);
  const icon = state ? favicon(state, going) : "data:,";
  useEffect(() => {
    document.querySelector("link[rel=icon]")?.setAttribute("href", icon);
  }, [icon]);
}

function titleOf(state: StateWords, name: string, percent: number | null): string {
  return percent === null ? `${state.shape} ${name} · ${sentence(state)}` : `${percentWords(percent)} · ${name}`;
}

/** Readable on light and dark tabs alike. */
const COLOURS: Record<Tone, string> = {
  live: "#2f81f7",
  quiet: "#8b949e",
  warn: "#c98a00",
  good: "#2da44e",
  bad: "#e5534b",
};

const STROKE = 'fill="none" stroke-width="3" stroke-linecap="round" stroke-linejoin="round"';

const SHAPES: Record<string, (colour: string) => string> = {
  "●": (c) => `<circle cx="8" cy="8" r="6" fill="${c}"/>`,
  "○": (c) => `<circle cx="8" cy="8" r="5.5" ${STROKE} stroke="${c}"/>`,
  "◐": (c) => `<circle cx="8" cy="8" r="5.5" ${STROKE} stroke="${c}"/><path d="M8 2a6 6 0 0 0 0 12z" fill="${c}"/>`,
  "◌": (c) => `<circle cx="8" cy="8" r="5.5" ${STROKE} stroke="${c}" stroke-dasharray="1 4.7"/>`,
  "✓": (c) => `<path d="M2.5 8.5 6.5 12.5 13.5 4" ${STROKE} stroke="${c}"/>`,
  "✗": (c) => `<path d="M3.5 3.5l9 9m0-9-9 9" ${STROKE} stroke="${c}"/>`,
  "■": (c) => `<rect x="3" y="3" width="10" height="10" rx="1" fill="${c}"/>`,
};

/** A ring that closes with the percent, or the state's shape. */
function favicon({ shape, tone }: StateWords, percent: number | null): string {
  const colour = COLOURS[tone];
  const drawing = percent === null ? (SHAPES[shape]?.(colour) ?? "") : ring(colour, Math.floor(percent));
  return `data:image/svg+xml,${encodeURIComponent(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">${drawing}</svg>`)}`;
}

function ring(colour: string, percent: number): string {
  const circle = `<circle cx="8" cy="8" r="6" fill="none" stroke-width="4" stroke="${colour}"`;
  const done = `pathLength="100" stroke-dasharray="${percent} 100" transform="rotate(-90 8 8)"`;
  return `${circle} opacity=".3"/>${circle} ${done}/>`;
}
