/** The page's words in English: complete, and the shape of every other catalogue. */

import { Formats } from "./formats";

const format = new Formats("en");

const count = {
  bytes: (n: number) => format.count(n, { one: "byte", other: "bytes" }),
  lines: (n: number) => format.count(n, { one: "line", other: "lines" }),
  newLines: (n: number) => format.count(n, { one: "new line", other: "new lines" }),
  rows: (n: number) => format.count(n, { one: "row", other: "rows" }),
  moreCharacters: (n: number) => `… ${format.count(n, { one: "more character", other: "more characters" })}`,
  warnings: (n: number) => format.count(n, { one: "warning", other: "warnings" }),
  errors: (n: number) => format.count(n, { one: "error", other: "errors" }),
  gaps: (n: number) => format.count(n, { one: "gap", other: "gaps" }),
  holes: (n: number) => format.count(n, { one: "hole", other: "holes" }),
  watching: (n: number) => `${format.whole(n)} watching`,
};

export const en = {
  format,
  units: {
    /** The figure is written already. */
    percent: (figure: string) => `${figure} %`,
    seconds: (n: string | number) => `${n} s`,
    minutes: (n: number) => `${n} min`,
    hours: (hours: number, minutes: number) => `${hours} h ${minutes} min`,
  },
  count,
  state: {
    waiting: "waiting",
    running: "running",
    stalled: "stalled",
    lost: "lost",
    succeeded: "succeeded",
    failed: "failed",
    killed: "killed",
    unknown: "not connected",
    ago: (state: string, duration: string) => `${state} ${duration} ago`,
    exit: (code: number) => `exit ${code}`,
    signal: (signal: number) => `signal ${signal}`,
    heard: (duration: string) => `last heard ${duration} ago`,
    silent: (duration: string) => `silent for ${duration}`,
  },
  header: {
    eta: (duration: string) => `ETA ${duration}`,
    heard: (moment: string) => `last heard ${moment}`,
    started: (moment: string) => `started ${moment}`,
  },
  tasks: {
    title: "Tasks",
    all: "All tasks",
    more: (n: number) => `+${n} more`,
    fewer: "fewer",
    unnamed: "unnamed task",
    state: {
      running: "running",
      done: "done",
      failed: "failed",
      paused: "paused",
      indeterminate: "under way",
    },
  },
  panel: {
    title: "Details",
    close: "Close details",
    metrics: "Metrics",
    resources: "Resources",
    cpu: "CPU",
    memory: "Memory",
    read: "Read",
    written: "Written",
    step: (step: number) => `step ${step}`,
    level: { info: "information", warning: "warning", error: "error" },
  },
  run: {
    title: "Run",
    command: "Command",
    directory: "Directory",
    host: "Host",
    started: "Started",
    took: "Took",
    peakMemory: "Peak memory",
    end: "Ended",
    commit: "Commit",
    copyCommand: "Copy the command",
    copyCommit: "Copy the commit",
  },
  environment: {
    system: "System",
    python: "Python",
    venv: "Virtualenv",
    conda: "Conda",
    container: "Container",
    ci: "CI",
    batch: "Batch job",
    gpus: "GPUs",
  },
  theme: {
    title: "Appearance",
    auto: "As the system",
    light: "Light",
    dark: "Dark",
    contrast: "High contrast",
  },
  copying: { done: "copied", failed: "could not be copied" },
  log: {
    title: "Output",
    live: "↓ live",
    loading: "reading the lines before…",
    unnamed: "unnamed",
    failed: "failed",
    /** `why` is one of the two below. */
    missing: (bytes: number, why: string) =>
      `${count.bytes(bytes)} ${format.form(bytes, { one: "is", other: "are" })} missing here: ${why}`,
    unrecorded: (bytes: number) => `${format.form(bytes, { one: "it", other: "they" })} could not be recorded`,
    damaged: "damaged in the hub's store",
    /** The command is an element, or its text. */
    waiting: <C>(command: C, ago: string): (C | string)[] => [
      "Waiting for the first line. ",
      command,
      ` started ${ago} ago.`,
    ],
    nothing: <C>(command: C): (C | string)[] => [command, " wrote nothing."],
  },
  copy: {
    refused: (at: string) => `Another copy, which differs from byte ${at} on, was refused.`,
    conflict: (at: string) => `The runner's copy differs from the hub's at byte ${at}.`,
    hole: (bytes: string, at: string) => `1 hole: ${bytes} damaged in the hub's store, at byte ${at}.`,
    holes: (holes: string, bytes: string, at: string) =>
      `${holes}: ${bytes} damaged in the hub's store, the first at byte ${at}.`,
    gaps: (gaps: string, bytes: string) => `${gaps}: ${bytes} could not be recorded.`,
    proof: (bytes: string, sha256: string) => `Runner and hub agree on ${bytes} with the SHA-256 ${sha256}`,
  },
  connection: {
    changed: "The hub has changed. Please reload the page.",
    badLink: "This link is not known here any more.",
    readFails: "Reading from the hub fails; trying again.",
    catchingUp: (size: string) => `catching up ${size}`,
    connecting: "connecting",
    unreachable: "The hub can't be reached; trying again.",
    lost: (duration: string) => `Connection to the hub lost, last seen ${duration} ago; trying again.`,
    calm: "The job doesn't depend on it.",
    verifiedSoFar: "verified as far as it was recorded",
    verified: "complete · verified",
    connected: "connected to the hub",
    live: "live",
    incomplete: "ended · not complete",
    unconfirmed: (bytes: string) => `ended · the hub has ${bytes}, not yet confirmed to be all`,
  },
  nothing: {
    title: "There is no run at this link",
    hint: "It may be mistyped, or it was revoked. Whoever gave it to you can make a new one.",
    opening: "Opening…",
  },
  help: {
    title: "Keyboard",
    button: "Keyboard shortcuts",
    close: "Close",
    follow: "follow the end",
    start: "to the first line",
    line: "a line down, a line up",
    page: "a page down, a page up",
    panel: "details: metrics, notes, tasks",
    help: "this help",
  },
};

export type Messages = typeof en;
