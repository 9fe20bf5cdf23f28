/** What the page says: states, times, sizes and the connection, in words. Pure. */

import type { ErrorCode, Info, State } from "./protocol";

export type Tone = "live" | "quiet" | "warn" | "good" | "bad";

export interface StateWords {
  shape: string;
  word: string;
  tone: Tone;
  /** What else there is to say: how it ended, or how long it has been silent. */
  detail: string;
}

const SHAPES: Record<State, { shape: string; tone: Tone }> = {
  waiting: { shape: "○", tone: "quiet" },
  running: { shape: "●", tone: "live" },
  stalled: { shape: "◐", tone: "warn" },
  lost: { shape: "◌", tone: "warn" },
  succeeded: { shape: "✓", tone: "good" },
  failed: { shape: "✗", tone: "bad" },
  killed: { shape: "■", tone: "bad" },
};

/** `now` is the hub's time. */
export function stateWords(run: Info, now: number): StateWords {
  return { ...SHAPES[run.state], word: run.state, detail: stateDetail(run, now) };
}

function stateDetail(run: Info, now: number): string {
  const silent = duration(Math.max(0, now - run.heard));
  if (run.state === "stalled") return `silent for ${silent}`;
  if (run.state === "lost") return `last heard ${silent} ago`;
  if (run.signal) return signalName(run.signal);
  return run.exit_code === null || run.exit_code === 0 ? "" : `exit ${run.exit_code}`;
}

const SIGNALS: Record<number, string> = {
  1: "SIGHUP",
  2: "SIGINT",
  3: "SIGQUIT",
  4: "SIGILL",
  6: "SIGABRT",
  7: "SIGBUS",
  8: "SIGFPE",
  9: "SIGKILL",
  10: "SIGUSR1",
  11: "SIGSEGV",
  12: "SIGUSR2",
  13: "SIGPIPE",
  14: "SIGALRM",
  15: "SIGTERM",
  24: "SIGXCPU",
  25: "SIGXFSZ",
};

export function signalName(signal: number): string {
  return SIGNALS[signal] ?? `signal ${signal}`;
}

/** How long the run has taken, in seconds; it ends with the run. */
export function elapsed(run: Info, now: number): number {
  return Math.max(0, (run.ended ?? now) - run.started);
}

/** 12:41 or 3:12:41. */
export function clock(seconds: number): string {
  const s = Math.floor(seconds);
  const [hours, minutes, rest] = [Math.floor(s / 3600), Math.floor(s / 60) % 60, s % 60];
  const two = (n: number) => String(n).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** 12 s, 4 min, 2 h 5 min. */
export function duration(seconds: number): string {
  const s = Math.floor(seconds);
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min`;
  return `${Math.floor(s / 3600)} h ${Math.floor(s / 60) % 60} min`;
}

/** 812 bytes, 1.2 MB. */
export function size(bytes: number): string {
  if (bytes < 1000) return count(bytes, "byte");
  const power = Math.min(4, Math.floor(Math.log10(bytes) / 3));
  return `${(bytes / 1000 ** power).toFixed(1)} ${["", "kB", "MB", "GB", "TB"][power]}`;
}

const grouped = new Intl.NumberFormat("en");

/** 1 line, 12,288 bytes. */
export function count(n: number, noun: string): string {
  return `${grouped.format(n)} ${noun}${n === 1 ? "" : "s"}`;
}

/** A command as it would be typed. */
export function commandLine(command: string[]): string {
  return command.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(" ");
}

export interface Visit {
  /** The job has ended. */
  ended: boolean;
  /** Hub and runner agree on what it wrote. */
  complete: boolean;
  connected: boolean;
  unreachable: boolean;
  /** Bytes known and not shown. */
  behind: number;
  refused: ErrorCode | undefined;
}

/** How what is shown stands to what there is. */
export function connectionWords(visit: Visit): { words: string; tone: Tone } {
  const { ended, complete, connected, unreachable, behind, refused } = visit;
  if (refused === "bad_protocol") return { words: "The hub has changed. Please reload the page.", tone: "warn" };
  if (refused === "bad_link") return { words: "This link is not known here any more.", tone: "warn" };
  if (complete && !behind) return { words: "complete · verified", tone: "good" };
  if (unreachable)
    return { words: "The hub can't be reached. The job goes on and nothing is lost; trying again.", tone: "warn" };
  if (behind > 64 * 1024) return { words: `catching up ${size(behind)}`, tone: "quiet" };
  if (!connected) return { words: "connecting", tone: "quiet" };
  if (ended) return { words: "ended · the last of it may still come", tone: "quiet" };
  return { words: "live", tone: "live" };
}
