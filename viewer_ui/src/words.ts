/** What the page says: states, times, sizes and the connection, in words. Pure. */

import { t } from "./messages";
import type { ErrorCode, Info, State } from "./protocol";

export type Tone = "live" | "quiet" | "warn" | "good" | "bad";

export interface StateWords {
  /** What is known of the run now; undefined while the hub is out of touch. */
  state: State | undefined;
  shape: string;
  word: string;
  tone: Tone;
  /** What else there is to say: how it ended. */
  detail: string;
  /** How long it has been silent, or ago was last heard, which changes by itself. */
  ago: string;
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

/** How long the hub may be out of touch before nothing is claimed of what it told, in seconds. */
const DOUBT = 3;

/** What says how a run stands. */
export type Standing = Pick<Info, "state" | "started" | "ended" | "heard" | "spoke" | "exit_code" | "signal">;

/** `now` is the hub's time, `seen` when it was last in touch. A run that has ended will not do so again. */
export function stateWords(run: Standing, now: number, seen = now): StateWords {
  if (run.ended === null && now - seen >= DOUBT) {
    const ago = t.state.ago(t.state[run.state], duration(now - seen));
    return { state: undefined, shape: "◌", tone: "quiet", word: t.state.unknown, detail: "", ago };
  }
  const { state } = run;
  return { ...SHAPES[state], state, word: t.state[state], detail: stateDetail(run), ago: silenceWords(run, now) };
}

/** The state with all there is to say of it. */
export function sentence({ word, detail, ago }: StateWords): string {
  return [word, detail, ago].filter(Boolean).join(" · ");
}

function silenceWords({ state, heard, spoke }: Standing, now: number): string {
  if (state === "lost") return t.state.heard(duration(Math.max(0, now - heard)));
  return state === "stalled" ? t.state.silent(duration(Math.max(0, now - (spoke ?? heard)))) : "";
}

function stateDetail(run: Standing): string {
  if (run.signal) return signalName(run.signal);
  return run.exit_code === null || run.exit_code === 0 ? "" : t.state.exit(run.exit_code);
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
  return SIGNALS[signal] ?? t.state.signal(signal);
}

/** How long the run has taken, in seconds, as far as is known: up to its end, or when it or the hub was last heard. */
export function elapsed(run: Standing, now: number, seen = now): number {
  const known = now - seen >= DOUBT ? seen : now;
  return Math.max(0, (run.ended ?? (run.state === "lost" ? run.heard : known)) - run.started);
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
  if (s < 60) return t.units.seconds(s);
  if (s < 3600) return t.units.minutes(Math.floor(s / 60));
  return t.units.hours(Math.floor(s / 3600), Math.floor(s / 60) % 60);
}

/** 12 s, 4 min 12 s, 2 h 5 min. */
export function exactly(seconds: number): string {
  const s = Math.floor(seconds);
  const rest = s >= 60 && s < 3600 && s % 60 ? ` ${t.units.seconds(s % 60)}` : "";
  return duration(s) + rest;
}

/** 812 bytes, 1.2 MB. */
export function size(bytes: number): string {
  if (bytes < 1000) return t.count.bytes(bytes);
  const power = Math.min(4, Math.floor(Math.log10(bytes) / 3));
  return `${t.format.tenths(bytes / 1000 ** power)} ${["", "kB", "MB", "GB", "TB"][power]}`;
}

/** A command as it would be typed. */
export function commandLine(command: string[]): string {
  return command.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(" ");
}

/** What is said in the place of output that isn't there. */
export function missingHere(kind: "gap" | "hole", bytes: number): string {
  return t.log.missing(bytes, kind === "gap" ? t.log.unrecorded(bytes) : t.log.damaged);
}

/** How much output could not be recorded, and in how many places. */
export interface Gaps {
  count: number;
  bytes: number;
}

/** What the hub has of a run, and whether that is all. */
export type Copy = Pick<Info, "state" | "ended" | "complete" | "size" | "holes" | "conflict" | "limited">;

/** What is wrong with a run's copy, a sentence each. */
export function troubles(copy: Copy, gaps: Gaps): string[] {
  return [
    conflictWords(copy),
    holesWords(copy.holes),
    gapsWords(gaps),
    ...copy.limited.map((what) => t.copy.limited[what]),
  ].filter((words) => words !== "");
}

/** What "verified" means. */
export function proofWords({ complete, size, sha256 }: Pick<Info, "complete" | "size" | "sha256">): string {
  return complete && sha256 ? t.copy.proof(t.count.bytes(size), sha256) : "";
}

function conflictWords({ conflict, complete }: Copy): string {
  if (conflict === null) return "";
  const at = t.format.whole(conflict);
  return complete ? t.copy.refused(at) : t.copy.conflict(at);
}

function holesWords(holes: Copy["holes"]): string {
  const bytes = holes.reduce((sum, [from, to]) => sum + to - from, 0);
  const [first] = holes;
  if (!first) return "";
  const [size, at] = [t.count.bytes(bytes), t.format.whole(first[0])];
  return holes.length > 1 ? t.copy.holes(t.count.holes(holes.length), size, at) : t.copy.hole(size, at);
}

function gapsWords(gaps: Gaps): string {
  return gaps.count ? t.copy.gaps(t.count.gaps(gaps.count), t.count.bytes(gaps.bytes)) : "";
}

export interface Visit {
  copy: Copy | undefined;
  gaps: Gaps;
  connected: boolean;
  unreachable: boolean;
  /** Bytes known and not shown. */
  behind: number;
  /** Bytes that the hub of an encrypted run keeps back. */
  missing: number;
  refused: ErrorCode | undefined;
  /** Seconds since the hub was last in touch, undefined if it never was. */
  away: number | undefined;
}

export interface Said {
  words: string;
  /** What follows them and changes by itself, which nobody is to be told anew each time. */
  more?: string;
  tone: Tone;
}

/** How what is shown stands to what there is. */
export function connectionWords(visit: Visit): Said {
  const { copy, connected, unreachable, behind, missing, refused, away } = visit;
  if (refused === "bad_protocol") return { words: t.connection.changed, tone: "warn" };
  if (refused === "bad_link") return { words: t.connection.badLink, tone: "warn" };
  if (missing) return { words: t.connection.keptBack(t.count.bytes(missing)), tone: "warn" };
  if (copy?.complete && !copy.holes.length && !behind) return copyWords(copy, visit.gaps);
  if (!connected && (unreachable || (away !== undefined && away >= DOUBT))) return lostWords(visit);
  if (unreachable) return { words: t.connection.readFails, tone: "warn" };
  if (behind > 64 * 1024) return { words: t.connection.catchingUp, more: ` ${size(behind)}`, tone: "quiet" };
  if (!connected || !copy) return { words: t.connection.connecting, tone: "quiet" };
  return copyWords(copy, visit.gaps);
}

/** Nothing is claimed but what holds whatever has happened: the job doesn't need the hub. */
function lostWords({ away, copy }: Visit): Said {
  const words = copy && !copy.ended ? t.connection.jobGoesOn : t.connection.unreachable;
  return {
    words,
    more: `; ${away === undefined ? t.connection.trying : t.connection.heard(duration(away))}`,
    tone: "warn",
  };
}

function copyWords({ state, ended, complete, size, holes, conflict, limited }: Copy, gaps: Gaps): Said {
  if (complete && !holes.length) {
    if (gaps.count) return { words: t.connection.verifiedSoFar, tone: "quiet" };
    return { words: t.connection.verified, tone: "good" };
  }
  if (state === "lost") return { words: t.connection.connected, tone: "quiet" };
  if (!ended) return { words: t.connection.live, tone: "live" };
  if (holes.length || conflict !== null || limited.length) return { words: t.connection.incomplete, tone: "quiet" };
  return { words: t.connection.unconfirmed(t.count.bytes(size)), tone: "quiet" };
}
