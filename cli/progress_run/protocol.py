"""The wire protocol between runner, hub and viewers: every name, shape, limit and unit.

Its counterpart for the page is viewer_ui/src/protocol.ts; a test holds the two equal. docs/protocol.md explains it
with worked clients. This module imports the standard library alone, so that the runner never loads the hub.

A run is two append-only sequences: output (bytes, addressed by byte offset) and events (JSON records, addressed by
sequence number from 0). At every hop the reader says "I have up to N" and the writer continues from N. Appending is
idempotent: what is already there is skipped, a gap is refused with the offset that is needed. So losing, repeating or
reordering any message below costs latency, never bytes.

Units: offsets and sizes are bytes, `t` is seconds since the run's start, `started`/`ended`/`now` are Unix seconds.
"""

# No `from __future__ import annotations` here: with it each field of a shape is compiled once more, before the job.
from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal, TypedDict

PROTOCOL = 1
"""Version of this protocol; a client that speaks another is refused with `bad_protocol`."""

# Namespaces and their events. A name that is not listed here is not handled by anyone.
PUBLISH = "/publish"
WATCH = "/watch"
RUNS = "/runs"

PUBLISH_REQUESTS = ("open", "append", "event", "seal", "blocks")
PUBLISH_REPLIES = ("ack", "need", "fenced", "refused", "control")
WATCH_REQUESTS = ("watch", "control")
WATCH_REPLIES = ("output", "grown", "events", "run", "control_result")
RUNS_REQUESTS = ()
RUNS_REPLIES = ("runs", "missed")

# Limits.
CHUNK_BYTES = 64 * 1024
"""The most output one `append` may carry, before compression."""
WINDOW_BYTES = 1024 * 1024
"""The most output a publisher may have in flight, sent and not yet acknowledged: what comes while a commit lasts."""
WINDOW_APPENDS = 24
"""The most unacknowledged `append` messages."""
POLLING_APPENDS = 6
"""The same by long polling, which drops a POST of more than 16 packets, and each takes two."""
INLINE_BYTES = 256 * 1024
"""How far behind the end a viewer may be and still be brought up to date by `output` messages."""
EVENT_BYTES = 8 * 1024
"""The most one event may take as JSON."""
SEALED_EVENT_BYTES = 12 * 1024
"""The same of an event that is end-to-end encrypted: EVENT_BYTES, encrypted and in base64."""
RECORD_BYTES = 16 * 1024
"""The most output in one record of an end-to-end encrypted run, see docs/protocol.md."""
EVENTS_PER_MESSAGE = 200
MARKS_PER_CHUNK = 1024
LABEL_CHARACTERS = 200
"""The most of a label, an id or a name that is shown; the rest is cut off."""
TASKS_PER_RUN = 200
"""The most tasks that `info` tells of."""
METRICS_PER_RUN = 200
LISTED_RUNS = 50
"""How many runs one answer of /api/runs lists, and one `runs` message at most."""
LISTED_TAGS = 20
"""The most tags of a run that the list tells of."""
META_BYTES = 32 * 1024
"""The most `meta` may take as JSON."""
SEALED_META_BYTES = 44 * 1024
"""The same of one that is end-to-end encrypted."""
LINKS_PER_RUN = 16
BLOCK_BYTES = 1024 * 1024
"""What two copies of a run that differ are compared by."""
BLOCKS_PER_REPLY = 256
MESSAGE_BYTES = 1024 * 1024
"""The most any one message may take on the wire; more closes the connection."""
INPUT_BYTES = 4096
"""The most that one `control` types into the job, as UTF-8."""
CONTROLS_PER_SECOND, CONTROLS_AT_ONCE = 2, 10
"""How many requests to control one run are taken from one link."""

RUN_ID_PATTERN = r"^[0-9A-Za-z][0-9A-Za-z_-]{0,63}$"
TOKEN_PATTERN = r"^[0-9A-Za-z_-]{22,64}$"
"""A link's token: at least 128 random bits, URL-safe base64. The hub stores its SHA-256 alone."""
KEY_PATTERN = r"^[0-9A-Za-z_-]{43}$"
"""The key of an encrypted run: 256 random bits, URL-safe base64. No hub gets it."""

CONTROL_ID_PATTERN = r"^[0-9A-Za-z_-]{22,64}$"
"""What a viewer calls its request to control the job: at least 128 random bits, so that nobody else's is called so."""
SIGNAL_PATTERN = r"^[A-Z][A-Z0-9+-]{1,9}$"
"""A signal's name without its SIG, since numbers differ between systems; which ones there are, the runner knows."""

CODECS = ("", "zlib")
"""How `append.data` is packed: as it is, or as one zlib stream (RFC 1950)."""

ROLES: Final = ("view", "control", "type", "owner")
"""What links allow, each what those before it do: read; stop, signal, pause and go on; type; all, and links."""
GIVEN_ROLES: Final = ROLES[:-1]
"""What links may allow that a run's owner gives out: a second owner could lock out the first."""
KEY_KINDS: Final = ("publish", "owner")
"""What a hub's keys are for: to publish runs; to see the list of all runs, and to manage the keys."""
STATES = ("waiting", "running", "stalled", "lost", "succeeded", "failed", "killed")
TASK_STATES = ("running", "done", "failed", "paused", "indeterminate")
EVENT_KINDS = ("task", "metric", "group", "note", "resize", "gap", "control", "exit", "sealed")
CONTROLS = ("stop", "signal", "pause", "continue", "type")
"""What may be asked of a job: `stop` is SIGINT, some time later SIGTERM, and at last SIGKILL."""
POLICIES = ("none", "stop", "all")
"""What of it the job's user allows: the runner keeps to that whatever the hub says."""
CONTROL_STATES = ("accepted", "refused", "delivered", "exited")
"""How a request stands, as the runner tells it: `delivered` once a signal was sent or the input was written, `exited`
when the job has ended after it."""
CONTROL_REASONS = ("role", "rate", "away", "ended", "not_allowed", "no_terminal", "bad_request")
"""Why not: the link's role; too much at once; no runner is connected, or can reach the job; it has ended; the run was
started without leave for it; the job has no terminal to type at; there is no such signal."""
ERROR_CODES = (
    "bad_key",
    "bad_link",
    "bad_protocol",
    "bad_request",
    "taken",
    "fenced",
    "conflict",
    "limit",
    "unavailable",
)

Codec = Literal["", "zlib"]
Role = Literal["view", "control", "type", "owner"]
KeyKind = Literal["publish", "owner"]
State = Literal["waiting", "running", "stalled", "lost", "succeeded", "failed", "killed"]
TaskState = Literal["running", "done", "failed", "paused", "indeterminate"]
Do = Literal["stop", "signal", "pause", "continue", "type"]
Policy = Literal["none", "stop", "all"]
ControlState = Literal["accepted", "refused", "delivered", "exited"]
ControlReason = Literal["role", "rate", "away", "ended", "not_allowed", "no_terminal", "bad_request"]
ErrorCode = Literal[
    "bad_key", "bad_link", "bad_protocol", "bad_request", "taken", "fenced", "conflict", "limit", "unavailable"
]


def at_least(role: str, wanted: Role) -> bool:
    """Whether a role allows what another does; one that is unknown allows nothing."""
    return role in ROLES[ROLES.index(wanted) :]


class Error(TypedDict, total=False):
    """Why a request or a connection was refused: a code for programs, a sentence for people.

    With `fenced` comes the `epoch` that has the run.
    """

    code: ErrorCode
    message: str
    epoch: int


class Refusal(TypedDict):
    """The reply to a refused `open`, `seal` or `watch`; a refused connection carries the `Error` itself as its data."""

    error: Error


# --- /publish -------------------------------------------------------------------------------------------------------


class PublishAuth(TypedDict):
    """Socket.IO `auth` for /publish: the hub's publish key."""

    key: str
    protocol: int


class Git(TypedDict, total=False):
    """The commit a run started at, in lower-case hex, and the branch that was checked out, if one was."""

    commit: str
    branch: str


class Meta(TypedDict, total=False):
    """What is known of a run when it starts; `cols` and `rows` are 0 where there is no PTY.

    `environment` says in a few words what the job finds around it, by name, such as `python` or `container`; `control`
    what viewers may ask of it, nothing where it is left out. `private` runs are shown to those alone who have a key of
    the hub beside a link.

    Of an end-to-end encrypted run the hub gets `started`, `private`, `control` and `sealed`: all of it, encrypted and
    in base64.
    """

    name: str
    command: list[str]
    cwd: str
    host: str
    user: str
    tags: dict[str, str]
    started: float
    pty: bool
    cols: int
    rows: int
    git: Git
    environment: dict[str, str]
    private: bool
    control: Policy
    sealed: str


class Link(TypedDict):
    """A link by which a run may be seen: the lower-case hex SHA-256 of its token, and what it allows."""

    role: Role
    sha256: str


class Open(TypedDict, total=False):
    """Start or take up a run. The higher `epoch` wins, an older publisher is told `fenced`. Replied with `Position`.

    `yields` (optional): refuse it with `fenced` while another publisher is connected with this run; who delivers what
    was left behind must not take a run from its own live sender.
    """

    run: str
    epoch: int
    meta: Meta
    links: list[Link]
    yields: bool


class Position(TypedDict, total=False):
    """How far the hub durably has a run: the offset and the event it wants next; `complete` once it is sealed.

    `differs`: something of it is damaged, or not what was sealed; compare `blocks` and send what differs again.
    `private` (in replies to `open`): the run is shown to nobody without a key of the hub.
    `checking` (in replies to `seal`): the hub is still reading what it has, ask again.
    """

    end: int
    events_end: int
    complete: bool
    checking: bool
    differs: bool
    private: bool


Mark = tuple[int, float, int]
"""`(at, t, fd)`: from offset `at`, output was written at `t` by descriptor `fd` (1, or 2 where stderr is apart)."""


class Append(TypedDict, total=False):
    """Output from offset `at`, first written at `t`. `data` is one binary attachment; `marks` (optional) lie inside.

    `sum` (optional) is the XXH3-64 of the unpacked output in 16 lower-case hex digits: what has come to harm on the way
    is then asked for again. Output that differs from what the hub has at that offset is `refused` as a `conflict`;
    where the hub's own copy is damaged, it is taken in its stead.
    """

    run: str
    epoch: int
    at: int
    t: float
    data: bytes
    codec: Codec
    marks: list[Mark]
    sum: str


class Events(TypedDict):
    """Events with consecutive `seq`."""

    run: str
    epoch: int
    events: list[dict[str, Any]]


class Seal(TypedDict, total=False):
    """The run is over and has `size` bytes of lower-case hex `sha256`. Replied with `Position`.

    `reread` (optional): don't rest on what was found when the bytes came in, read them back from the store.
    """

    run: str
    epoch: int
    size: int
    sha256: str
    reread: bool


Blocks = TypedDict("Blocks", {"run": str, "epoch": int, "from": int, "to": int}, total=False)
"""What has the hub from this offset, a multiple of BLOCK_BYTES, to that (optional)? Replied with `Sums`."""


class Sums(TypedDict):
    """SHA-256 in lower-case hex of each BLOCK_BYTES from the offset asked for, None for a block that is damaged.

    At most BLOCKS_PER_REPLY of them; the last block ends at `end`, the size of what the hub durably has. `torn` are
    the numbers of events that are damaged (some of them, if there are many): they are to be sent again as well.
    """

    sums: list[str | None]
    end: int
    torn: list[int]


class Ack(TypedDict):
    """Durable up to here, by a commit that survives a power cut; `pace` is the shortest interval wanted, in ms."""

    run: str
    end: int
    events_end: int
    pace: int


class Need(TypedDict, total=False):
    """A gap was refused, or something was lost before it was durable: continue from here; `differs` as in Position."""

    run: str
    end: int
    events_end: int
    differs: bool


class Fenced(TypedDict):
    """Another publisher has taken this run with this epoch; stop."""

    run: str
    epoch: int


class PublishRefused(TypedDict):
    """Something that has no reply of its own was refused for good: sending it again changes nothing.

    After output refused with `limit`, events are taken as before, so that it is known how the run ended.
    """

    run: str
    error: Error


class Control(TypedDict, total=False):
    """A viewer asks something of the job, see ControlRequest; `by` is the label of its link.

    Answered by events of kind `control`. It may come again, with the same `id`, and is then the same request.
    """

    run: str
    epoch: int
    id: str
    do: Do
    signal: str
    data: str
    by: str


# --- /watch ---------------------------------------------------------------------------------------------------------


class WatchAuth(TypedDict, total=False):
    """Socket.IO `auth` for /watch: a link's token, and for a private run `key`, any key of the hub."""

    link: str
    key: str
    protocol: int


Watch = TypedDict("Watch", {"from": int, "events_from": int})
"""'I have up to here'; sent at the start and after every catching up over HTTP. Replied with `Watching`."""


class Watching(TypedDict):
    """The run as it stands, and how far the hub has it."""

    run: dict[str, Any]
    end: int
    events_end: int


class Output(TypedDict):
    """Output from offset `at`, in base64 (viewers get text frames alone), to viewers that are up to date."""

    at: int
    t: float
    data: str


class Grown(TypedDict):
    """A hint that the run has grown to `end`: fetch /r/<token>/output?from=. Not repeated before the next `watch`."""

    end: int
    events_end: int


class ViewerEvents(TypedDict):
    """Events with consecutive `seq`, to viewers that are up to date."""

    events: list[dict[str, Any]]


class ControlRequest(TypedDict, total=False):
    """Ask something of the job. `signal` (with `do: signal`) is a name, `data` (with `do: type`) what is to be typed.

    With `do: stop`, `signal` is the step that is meant: one that was taken meanwhile is not followed by the next.
    Answered at once by `control_result`, and then by events of kind `control` with this `id`. The same `id` again is
    the same request, and done once: send it again after a lost connection until there is such an event, or a refusal.
    """

    id: str
    do: Do
    signal: str
    data: str


class ControlResult(TypedDict, total=False):
    """The hub has handed a request on to the runner, which decides, or has refused it for a reason."""

    id: str
    state: Literal["forwarded", "refused"]
    reason: ControlReason


class NextSignal(TypedDict):
    """What a job that is being stopped gets if it still goes on `at` that many seconds since the run's start."""

    signal: str
    at: float


class ControlEvent(TypedDict, total=False):
    """One step of a request, as the runner tells all viewers; `signal` is the one that was sent or asked for."""

    seq: int
    t: float
    at: int
    kind: Literal["control"]
    id: str
    do: Do
    by: str
    state: ControlState
    signal: str
    reason: ControlReason
    next: NextSignal


class Task(TypedDict):
    """The last event of a task, made safe to show, and `began`: the `t` of its first event.

    `rate` is units a second, or percent where there is no `current`; `eta` the seconds that were left at `t`. What is
    not known, and a number that makes no sense, is None.
    """

    seq: int
    t: float
    at: int
    kind: Literal["task"]
    id: str
    label: str
    current: float | None
    total: float | None
    unit: str | None
    percent: float | None
    state: TaskState
    parent: str | None
    source: str | None
    rate: float | None
    eta: float | None
    began: float


class Metric(TypedDict):
    """The last event of a metric, made safe to show; `value` is None where it is no finite number."""

    seq: int
    t: float
    at: int
    kind: Literal["metric"]
    name: str
    value: float | None
    step: float | None
    source: str | None


class Notes(TypedDict):
    """How many notes of a level there are."""

    warning: int
    error: int


class Progress(TypedDict):
    """Of the main task, see `main_task`, what titles, lists and badges show."""

    id: str
    label: str
    percent: float | None
    eta: float | None
    t: float
    state: TaskState


class Info(TypedDict, total=False):
    """A run as /r/<token>/info, `Watching.run` and the `run` message give it.

    `holes` are the ranges `(from, to)` of output that are damaged in the hub's store, and not served until they have
    been sent again. `conflict` is the offset at which a publisher's bytes differ from the hub's, None if none did.
    `limited` says of what the hub has no more than it takes of a run, while the runner has the rest.

    `tasks` are in the order of their first events. `peak_memory` is the largest `process/memory`, in bytes. `refused`
    counts what events held that can't be shown: numbers that are none, and tasks and metrics beyond the limits.
    `spoke` is the hub's time when it last got output or an event of the job's own, None before the first; `stalls_at`
    the time at which it will be called stalled if it stays silent, None where it won't.

    Of an end-to-end encrypted run all sizes and offsets are those of what was encrypted; `sealed` is its `Meta`, which
    no other run has, and no task, metric or note is known.
    """

    id: str
    name: str
    command: list[str]
    cwd: str
    host: str
    user: str
    tags: dict[str, str]
    pty: bool
    cols: int
    rows: int
    git: Git
    environment: dict[str, str]
    private: bool
    control: Policy
    sealed: str
    state: State
    started: float
    ended: float | None
    heard: float
    now: float
    exit_code: int | None
    signal: int | None
    size: int
    lines: int
    events: int
    complete: bool
    sha256: str | None
    holes: list[tuple[int, int]]
    conflict: int | None
    limited: list[Literal["output", "events"]]
    tasks: list[Task]
    metrics: dict[str, Metric]
    notes: Notes
    progress: Progress | None
    peak_memory: float | None
    refused: int
    spoke: float | None
    stalls_at: float | None
    viewers: int
    role: Role


# --- /r/<token>/links, and /api/keys ---------------------------------------------------------------------------------


class ListedLink(TypedDict):
    """A link as the run's owner sees it: never its token. `id` is the beginning of that one's SHA-256.

    `created`, `expires` and `revoked` are Unix seconds, the latter two None where it isn't so; `watching` is how many
    watch by it at the moment.
    """

    id: str
    role: Role
    label: str
    created: float
    expires: float | None
    revoked: float | None
    watching: int


class ListedKey(TypedDict):
    """A key as the hub's owner sees it: never itself. `created` isn't known of those in files. In Unix seconds."""

    id: str
    name: str
    kind: KeyKind
    created: float | None
    last_used: float | None
    revoked: float | None


# --- /runs, and /api/runs --------------------------------------------------------------------------------------------


class RunsAuth(TypedDict):
    """Socket.IO `auth` for /runs: the hub's owner key."""

    key: str
    protocol: int


class ListedRun(TypedDict):
    """A run as /api/runs lists it, at the hub's time `now`: what it has of `Info`, texts cut to what is shown.

    `last_line` is the last line of its output that isn't empty, without escapes; `kept` whether it is exempt from
    being deleted by age or number.
    """

    now: float
    id: str
    name: str
    state: State
    progress: Progress | None
    started: float
    ended: float | None
    heard: float
    spoke: float | None
    stalls_at: float | None
    exit_code: int | None
    signal: int | None
    host: str
    user: str
    tags: dict[str, str]
    last_line: str
    kept: bool


class ListedRuns(TypedDict):
    """`runs`: the runs that have changed or begun, as they are now, and the ids of those that were deleted.

    Sent to whoever is connected to /runs, at most 4 times a second. `missed`, without data, says that some of it could
    not be sent in time: ask /api/runs again.
    """

    runs: list[ListedRun]
    gone: list[str]


# --- tasks ----------------------------------------------------------------------------------------------------------

UNDER_WAY = ("running", "paused", "indeterminate")
"""The states of a task that has not ended; the others are `done` and `failed`."""


def main_task(tasks: Iterable[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The task that stands for the whole run in titles, lists, badges and terminals.

    Args:
        tasks: the last event of each task, in the order of their first ones.

    Of the tasks under way whose parent is not, the first with a percent, else the first; where none is under way, the
    last of all. viewer_ui/src/progress/main_task.ts does the same; tests/vectors/main_task.json holds the two equal.
    """
    every = list(tasks)
    under_way = {task.get("id"): task for task in every if task.get("state") in UNDER_WAY}
    roots = [task for task in under_way.values() if task.get("parent") not in under_way]
    known = [task for task in roots if task.get("percent") is not None]
    return next(iter(known or roots or list(under_way.values()) or every[-1:]), None)
