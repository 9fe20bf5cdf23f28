/**
 * The wire protocol as the page speaks it: names, limits and shapes, each the counterpart of a name in
 * cli/progress_run/protocol.py. A test holds the two equal, so what the page does not use is left out here.
 *
 * Units: offsets and sizes are bytes, `t` is seconds since the run's start, `started`/`ended`/`now` are Unix seconds.
 */

export const PROTOCOL = 1;

export const WATCH = "/watch";
export const RUNS = "/runs";
export const WATCH_REQUESTS = ["watch", "control"] as const;
export const WATCH_REPLIES = ["output", "grown", "events", "run", "control_result"] as const;

/** How many runs one answer of /api/runs lists. */
export const LISTED_RUNS = 50;

/** How far behind the end a viewer may be and still be brought up to date by `output` messages. */
export const INLINE_BYTES = 256 * 1024;

/** The most of a label, an id or a name that is shown; the hub cuts the rest off. */
export const LABEL_CHARACTERS = 200;
export const TASKS_PER_RUN = 200;
export const METRICS_PER_RUN = 200;
/** The most output in one record of an end-to-end encrypted run. */
export const RECORD_BYTES = 16 * 1024;

/** A link's token, the last part of the page's own address. */
export const TOKEN_PATTERN = "^[0-9A-Za-z_-]{22,64}$";

/** What a viewer calls its request to control the job: at least 128 random bits. */
export const CONTROL_ID_PATTERN = "^[0-9A-Za-z_-]{22,64}$";
/** The most that one `control` types into the job, as UTF-8. */
export const INPUT_BYTES = 4096;

/** What links allow, each what those before it do: read; stop, signal, pause and go on; type; all, and links. */
export const ROLES = ["view", "control", "type", "owner"] as const;
export const STATES = ["waiting", "running", "stalled", "lost", "succeeded", "failed", "killed"] as const;
export const TASK_STATES = ["running", "done", "failed", "paused", "indeterminate"] as const;
export const EVENT_KINDS = ["task", "metric", "group", "note", "resize", "gap", "control", "exit", "sealed"] as const;
/** What may be asked of a job: `stop` is SIGINT, some time later SIGTERM, and at last SIGKILL. */
export const CONTROLS = ["stop", "signal", "pause", "continue", "type"] as const;
/** What of it the job's user allows. */
export const POLICIES = ["none", "stop", "all"] as const;
export const CONTROL_STATES = ["accepted", "refused", "delivered", "exited"] as const;
export const CONTROL_REASONS = ["role", "rate", "away", "ended", "not_allowed", "no_terminal", "bad_request"] as const;
export const ERROR_CODES = [
  "bad_key",
  "bad_link",
  "bad_protocol",
  "bad_request",
  "taken",
  "fenced",
  "conflict",
  "limit",
  "unavailable",
] as const;

export type Role = (typeof ROLES)[number];
export type State = (typeof STATES)[number];
export type TaskState = (typeof TASK_STATES)[number];
export type EventKind = (typeof EVENT_KINDS)[number];
export type Do = (typeof CONTROLS)[number];
export type Policy = (typeof POLICIES)[number];
export type ControlState = (typeof CONTROL_STATES)[number];
export type ControlReason = (typeof CONTROL_REASONS)[number];
export type ErrorCode = (typeof ERROR_CODES)[number];

/** Whether a role allows what another does; one that is unknown allows nothing. */
export function atLeast(role: string, wanted: Role): boolean {
  return ROLES.indexOf(role as Role) >= ROLES.indexOf(wanted);
}

/** The reply to a refused request; a refused connection has the `error` itself as its data. */
export interface Refusal {
  error: { code: ErrorCode; message: string };
}

/** Socket.IO `auth` for /watch. */
export interface WatchAuth {
  link: string;
  /** For a private run, any key of the hub. */
  key?: string;
  protocol: number;
}

/** Asks something of the job; `signal` is a name without SIG, of a stop the step that is meant. The same `id` again is the same request, done once. */
export interface ControlRequest {
  id: string;
  do: Do;
  signal?: string;
  data?: string;
}

/** The hub has handed a request on to the runner, which decides, or has refused it. */
export interface ControlResult {
  id: string;
  state: "forwarded" | "refused";
  reason?: ControlReason;
}

/** What a job that is being stopped gets if it still goes on `at` that many seconds since the run's start. */
export interface NextSignal {
  signal: string;
  at: number;
}

/** One step of a request, as the runner tells it; `signal` is the one that was sent or asked for. */
export interface ControlEvent {
  seq: number;
  t: number;
  at: number;
  kind: "control";
  id: string;
  do: Do;
  by: string;
  state: ControlState;
  signal?: string;
  reason?: ControlReason;
  next?: NextSignal;
}

/** "I have up to here"; sent at the start and after every catching up over HTTP. Replied with `Watching`. */
export interface Watch {
  from: number;
  events_from: number;
}

export interface Watching {
  run: Info;
  end: number;
  events_end: number;
}

/** Output from offset `at`, in base64. */
export interface Output {
  at: number;
  t: number;
  data: string;
}

/** A hint that the run has grown; not repeated before the next `watch`. */
export interface Grown {
  end: number;
  events_end: number;
}

/** Events with consecutive `seq`. */
export interface ViewerEvents {
  events: RunEvent[];
}

/** One event: `at` is the output offset at which it happened. The kinds the page draws carry the fields below. */
export interface RunEvent {
  seq: number;
  t: number;
  at: number;
  kind: EventKind;
  cols?: number;
  rows?: number;
  bytes?: number;
  level?: string;
  text?: string;
  /** Of an end-to-end encrypted run: the event itself, encrypted and in base64. */
  data?: string;
}

/**
 * The last event of a task, made safe to show, and `began`: the `t` of its first event. `rate` is units a second, or
 * percent where there is no `current`; `eta` the seconds that were left at `t`. What is not known is null.
 */
export interface Task {
  seq: number;
  t: number;
  at: number;
  kind: "task";
  id: string;
  label: string;
  current: number | null;
  total: number | null;
  unit: string | null;
  percent: number | null;
  state: TaskState;
  parent: string | null;
  source: string | null;
  rate: number | null;
  eta: number | null;
  began: number;
}

/** The last event of a metric, made safe to show; `value` is null where it is no finite number. */
export interface Metric {
  seq: number;
  t: number;
  at: number;
  kind: "metric";
  name: string;
  value: number | null;
  step: number | null;
  source: string | null;
}

/** How many notes of a level there are. */
export interface Notes {
  warning: number;
  error: number;
}

/** Of the main task, what titles, lists and badges show. */
export interface Progress {
  id: string;
  label: string;
  percent: number | null;
  eta: number | null;
  t: number;
  state: TaskState;
}

/** The commit a run started at, in lower-case hex, and the branch that was checked out, if one was. */
export interface Git {
  commit: string;
  branch?: string;
}

/** A run as /info, `Watching.run` and the `run` message give it. What isn't known of its surroundings is left out. */
export interface Info {
  id: string;
  name: string;
  command: string[];
  cwd: string;
  host: string;
  user: string;
  pty: boolean;
  cols: number;
  rows: number;
  tags?: Record<string, string>;
  git?: Git;
  environment?: Record<string, string>;
  /** What may be asked of the job; nothing where it is left out. */
  control?: Policy;
  /** Only of an end-to-end encrypted run: its metadata, encrypted and in base64. All sizes are those of ciphertext. */
  sealed?: string;
  state: State;
  started: number;
  ended: number | null;
  heard: number;
  now: number;
  exit_code: number | null;
  signal: number | null;
  size: number;
  lines: number;
  events: number;
  complete: boolean;
  /** Of everything, once the runner has told it. */
  sha256: string | null;
  /** Ranges `[from, to)` of output that are damaged in the hub's store, and not served until they were sent again. */
  holes: [number, number][];
  /** The offset at which a publisher's bytes differ from the hub's, null if they never did. */
  conflict: number | null;
  /** Of what the hub has no more than it takes of a run, while the runner has the rest. */
  limited: ("output" | "events")[];
  /** In the order of their first events. */
  tasks: Task[];
  metrics: Record<string, Metric>;
  notes: Notes;
  progress: Progress | null;
  /** The largest `process/memory`, in bytes. */
  peak_memory: number | null;
  /** How much of events can't be shown: numbers that are none, tasks and metrics beyond the limits. */
  refused: number;
  /** The hub's time when it last got output or an event of the job's own, null before the first. */
  spoke: number | null;
  /** The hub's time at which it is called stalled if it stays silent until then, null where it won't be. */
  stalls_at: number | null;
  viewers: number;
  /** It takes a key of the hub beside the link. */
  private?: boolean;
  /** What this visitor's link allows; the `run` message, which is for all, doesn't say. */
  role?: Role;
}

/** A link as the run's owner sees it; `created`, `expires` and `revoked` are Unix seconds. */
export interface ListedLink {
  id: string;
  role: Role;
  label: string;
  created: number;
  expires: number | null;
  revoked: number | null;
  watching: number;
}

/** A run as /api/runs and `runs` tell of it, at the hub's time `now`. */
export interface ListedRun {
  now: number;
  id: string;
  name: string;
  state: State;
  progress: Progress | null;
  started: number;
  ended: number | null;
  heard: number;
  spoke: number | null;
  stalls_at: number | null;
  exit_code: number | null;
  signal: number | null;
  host: string;
  user: string;
  tags: Record<string, string>;
  /** The last line of its output that isn't empty. */
  last_line: string;
  /** It is exempt from being deleted by age or number. */
  kept: boolean;
}

/** The runs that have changed or begun, and the ids of those that were deleted. */
export interface ListedRuns {
  runs: ListedRun[];
  gone: string[];
}
