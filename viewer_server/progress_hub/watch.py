"""The namespace of viewers: /watch."""

from __future__ import annotations

import base64
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from itertools import accumulate
from typing import Any, NamedTuple

from progress_hub.access import LINK_FULL, NO_SEAT
from progress_hub.bus import Bus
from progress_hub.concurrency import Concurrency
from progress_hub.entrance import KEY_WANTED, Entrance, KeyWanted, NoLink, Visit
from progress_hub.failures import Failures
from progress_hub.gate import Gate, Seats
from progress_hub.hardening import Clients
from progress_hub.namespace import GuardedNamespace, check_protocol, refuse
from progress_hub.run import Piece, Run
from progress_hub.runs import NoRun, Runs
from progress_hub.wire import Refused, read_control, read_control_id, read_watch
from progress_run import protocol

log = logging.getLogger(__name__)

SLOW_BYTES = 512 * 1024
"""How much may wait for a viewer before it is no longer up to date."""
DRAINED_BYTES = 64 * 1024
"""How much may still wait for a viewer that is brought up to date inline."""
SHOW_SECONDS = 0.25
"""How often the viewers of a run are told of its progress, at most."""
SILENT_SECONDS = 2.0
"""How long a run has been silent when its viewers are told since when."""
FLOW, FLOOD_BYTES = 4_000_000, 512 * 1024
"""What is sent inline in the long run, in bytes a second, and how much at once: of more, viewers fetch what they want
to see, as fast as they can, since to most of a flood nobody can look."""
LOOK_SECONDS = 0.1
"""How often the queues of a run's viewers are looked at while it grows."""
REST_SECONDS = 100e-6
"""How long the viewers of a run are left in peace after each time they were sent something, for each of them: sending
takes a fifth of it, whatever the size. A run that few watch is passed on as it comes."""
WORTH_WAITING_SECONDS = 0.001
FULL_BYTES, FULL_EVENTS = protocol.CHUNK_BYTES, protocol.EVENTS_PER_MESSAGE // 2
"""What has grown to this is sent at once: a run keeps a few times as much for viewers who are up to date."""


class Viewer(NamedTuple):
    """A viewer, the link it came by, and where it comes from."""

    visit: Visit
    host: str

    @property
    def id(self) -> str:
        """Of its link, which opens nothing."""
        return self.visit.link.id

    @property
    def role(self) -> str:
        """What its link allows."""
        return self.visit.link.role

    @property
    def label(self) -> str:
        """What its link is called, safe to show."""
        return self.visit.link.label


HandOn = Callable[[Run, protocol.ControlRequest, str], None]
"""Gives a run's publisher what is asked of the job by viewers whose link has this label."""


class Audience:
    """The viewers of one run: those who are up to date get what it grows by, once encoded; the rest get hints.

    Whoever doesn't read gets nothing further at all, until it has taken what waits for it.
    """

    def __init__(self, run: Run, watch: Watch) -> None:
        self.run = run
        self.viewers: dict[str, Viewer] = {}
        self._watch = watch
        self._listening, self._up_to_date = f"listening to {run.id}", f"up to date on {run.id}"
        self._deaf: set[str] = set()
        self._fresh: set[str] = set()
        self._waiting: dict[str, tuple[int, int]] = {}  # who is behind and not hinted at since, and what they know of
        self._sent, self._events_sent = run.end, run.events_end
        self._poured = self._poured_at = 0.0
        self._looked = self._rested = 0.0
        self._delayed = False
        self._shown = self._brief()
        self._viewers_shown = self._changes_shown = 0
        self._spoke_shown: float | None = None

    def join(self, sid: str, viewer: Viewer) -> None:
        """One more viewer; `leave` has to follow, even where this fails because it has gone again."""
        self.viewers[sid] = viewer
        self.run.viewers += 1
        self._enter(sid, self._listening)

    def leave(self, sid: str) -> Viewer:
        """One viewer less."""
        self._fresh.discard(sid)
        self._deaf.discard(sid)
        self._waiting.pop(sid, None)
        self.run.viewers -= 1
        return self.viewers.pop(sid)

    def watch(self, sid: str, at: int, events_at: int) -> protocol.Watching:
        """Bring a viewer who has everything up to `at` and `events_at` up to date, or say how far it may fetch."""
        self.push()
        self._send_on()  # what was held back for the others, so that this one doesn't get it twice
        output, events = self.run.output_since(at), self.run.events_since(events_at)
        self._slow_down(sid)
        if output is None or events is None or self._flooded or self._watch.waiting_for(sid) > DRAINED_BYTES:
            self._waiting[sid] = end, events_end = self.run.record.size, self.run.record.events
        else:
            self._send_output(output, sid)
            self._send_events(events, sid)
            self._fresh.add(sid)
            self._enter(sid, self._up_to_date)
            end, events_end = self.run.end, self.run.events_end
        info = {**self.run.info(time.time()), "role": self.viewers[sid].role}
        return {"run": info, "end": end, "events_end": events_end}

    def push(self) -> None:
        """Send what the run has grown by since the last time."""
        if self.run.removed:
            self._watch.dismiss(self)
            return
        self._send_or_wait()
        self._hint()
        if self._brief() != self._shown:
            self.show()
        elif self.run.summary.changes != self._changes_shown:
            self._watch.show_soon(self)

    def push_delayed(self) -> None:
        """Send what was held back for a moment, unless it was sent since."""
        self._delayed = False
        if not self.run.removed:
            self._send_or_wait()

    def tick(self) -> None:
        """Once a second: see who reads and who doesn't, and tell how many watch, and since when it has been silent."""
        for sid in tuple(self.viewers):
            waiting = self._watch.waiting_for(sid)
            if sid in self._deaf and waiting <= DRAINED_BYTES:
                self._deaf.discard(sid)
                self._enter(sid, self._listening)
                self._watch.send("run", self.run.info(time.time()), to=sid)
            elif sid not in self._deaf and waiting > SLOW_BYTES:
                self._deaf.add(sid)
                self._exit(sid, self._listening)
                self._fall_behind(sid)
        spoke = self.run.spoke
        fell_silent = spoke is not None and spoke != self._spoke_shown and time.time() - spoke >= SILENT_SECONDS
        if self.run.viewers != self._viewers_shown or fell_silent:
            self.show()

    def show(self) -> None:
        """Send the run as it stands to its viewers."""
        self._shown, self._viewers_shown = self._brief(), self.run.viewers
        self._changes_shown, self._spoke_shown = self.run.summary.changes, self.run.spoke
        self._watch.send("run", self.run.info(time.time()), to=self._listening)

    def _send_or_wait(self) -> None:
        """Send what the run has grown by to those who are up to date, or have it sent with what comes until then."""
        grown, told = self.run.end - self._sent, self.run.events_end - self._events_sent
        if not grown and not told:
            return
        wait = self._rested - time.monotonic()
        if wait < WORTH_WAITING_SECONDS or grown >= FULL_BYTES or told >= FULL_EVENTS:
            self._send_on()
        elif not self._delayed:
            self._delayed = True
            self._watch.push_later(self, wait)

    def _send_on(self) -> None:
        self._measure_flow()
        if self._fresh:
            self._look()
            self._send_output(self.run.output_since(self._sent) or [], self._up_to_date)
            self._send_events(self.run.events_since(self._events_sent) or [], self._up_to_date)
        self._sent, self._events_sent = self.run.end, self.run.events_end
        self._rested = time.monotonic() + len(self._fresh) * REST_SECONDS

    def _hint(self) -> None:
        durable = self.run.record.size, self.run.record.events
        for sid, known in tuple(self._waiting.items()):
            if known != durable:
                self._watch.send("grown", protocol.Grown(end=durable[0], events_end=durable[1]), to=sid)
                del self._waiting[sid]

    def _measure_flow(self) -> None:
        now = time.monotonic()
        drained = max(0.0, self._poured - FLOW * (now - self._poured_at))
        self._poured, self._poured_at = drained + self.run.end - self._sent, now

    @property
    def _flooded(self) -> bool:
        return self._poured > FLOOD_BYTES

    def _look(self) -> None:
        """Take viewers that don't keep up out of those who are up to date; nobody keeps up with a flood."""
        if self._flooded:
            for sid in tuple(self._fresh):
                self._fall_behind(sid)
        now = time.monotonic()
        if now - self._looked >= LOOK_SECONDS:
            self._looked = now
            for sid in tuple(self._fresh):
                if self._watch.waiting_for(sid) > SLOW_BYTES:
                    self._fall_behind(sid)

    def _fall_behind(self, sid: str) -> None:
        if sid in self._fresh:
            self._slow_down(sid)
            self._waiting[sid] = (-1, -1)

    def _slow_down(self, sid: str) -> None:
        if sid in self._fresh:
            self._fresh.discard(sid)
            self._exit(sid, self._up_to_date)

    def _enter(self, sid: str, room: str) -> None:
        self._watch.server.enter_room(sid, room, namespace=self._watch.namespace)

    def _exit(self, sid: str, room: str) -> None:
        self._watch.server.leave_room(sid, room, namespace=self._watch.namespace)

    def _send_output(self, pieces: list[Piece], to: str) -> None:
        for at, t, data in _joined(pieces):
            message = protocol.Output(at=at, t=t, data=base64.b64encode(data).decode())
            self._watch.send("output", message, to=to)

    def _send_events(self, events: list[dict[str, Any]], to: str) -> None:
        for first in range(0, len(events), protocol.EVENTS_PER_MESSAGE):
            message = protocol.ViewerEvents(events=events[first : first + protocol.EVENTS_PER_MESSAGE])
            self._watch.send("events", message, to=to)

    def _brief(self) -> tuple[Any, ...]:
        """What of the run its viewers are told of at once."""
        run = self.run
        ended = run.summary.exit is not None
        return run.state_at(time.time()), run.complete, run.holes, run.verdict.conflict, run.epoch, ended


def _joined(pieces: list[Piece]) -> Iterator[Piece]:
    """The same in fewer pieces, of CHUNK_BYTES at most: a message costs as much as a thousand bytes in it."""
    while pieces:
        sizes = accumulate(len(piece.data) for piece in pieces)
        count = max(1, sum(size <= protocol.CHUNK_BYTES for size in sizes))
        together, pieces = pieces[:count], pieces[count:]
        yield together[0]._replace(data=b"".join(piece.data for piece in together))


class Watch(GuardedNamespace):
    """Shows runs to viewers: a small tail inline to those who are up to date, a hint to fetch to the others."""

    def __init__(
        self,
        runs: Runs,
        bus: Bus,
        entrance: Entrance,
        failures: Failures,
        clients: Clients,
        gate: Gate,
        concurrency: Concurrency,
        viewers_per_link: int,
        hand_on: HandOn,
    ) -> None:
        super().__init__(protocol.WATCH, failures)
        self._link_seats = Seats(0, viewers_per_link)
        self.requests = {"watch": self._watch, "control": self._control}
        self._hand_on = hand_on
        self._runs = runs
        self._bus = bus
        self._entrance = entrance
        self._clients = clients
        self._gate = gate
        self._audiences: dict[str, Audience] = {}
        self._watching: dict[str, Audience] = {}
        self._concurrency = concurrency
        self._outdated: dict[Audience, None] = {}
        self._something_outdated = concurrency.event()
        concurrency.spawn(self._show)

    def connected(self, sid: str, auth: Any) -> None:
        """Let in whoever has a link, while it works and there are seats."""
        check_protocol(auth)
        with ExitStack() as undo:
            visit = self._enter(sid, auth)
            undo.callback(visit.leave)
            try:
                run = self._runs.hold(visit.link.run)
            except NoRun:
                raise refuse("bad_link", "This run was deleted.") from None
            undo.callback(self._runs.release, run)
            viewer = Viewer(visit, self._clients.host(sid, self.namespace))
            if not self._gate.sit(viewer.host):
                raise refuse("unavailable", NO_SEAT)
            undo.callback(self._gate.rise, viewer.host)
            if not self._link_seats.sit(viewer.id):
                raise refuse("unavailable", LINK_FULL)
            undo.pop_all()
        with self._runs.lock:
            audience = self._watching[sid] = self._audiences.get(run.id) or self._gather(run)
            try:
                audience.join(sid, viewer)
            except Exception:
                self.disconnected(sid)
                raise

    def disconnected(self, sid: str) -> None:
        """A viewer has gone."""
        with self._runs.lock:
            audience = self._watching.pop(sid, None)
            if audience is None:
                return
            viewer = audience.leave(sid)
            viewer.visit.leave()
            self._gate.rise(viewer.host)
            self._link_seats.rise(viewer.id)
            if not audience.viewers:
                self._bus.unsubscribe(audience.run.id, audience.push)
                del self._audiences[audience.run.id]
            self._runs.release(audience.run)

    def watching(self, run_id: str) -> Counter[str]:
        """How many watch a run by each of its links, by the links' ids."""
        with self._runs.lock:
            audience = self._audiences.get(run_id)
            return Counter(viewer.id for viewer in audience.viewers.values()) if audience else Counter()

    def waiting_for(self, sid: str) -> int:
        """How much waits to be sent to a client, in bytes."""
        outbox = self._clients.outbox(sid, self.namespace)
        return outbox.size if outbox else 0

    def tick(self) -> None:
        """Once a second: tell how many watch, and forget whoever left while being let in."""
        for sid in tuple(self._watching):
            if self._clients.outbox(sid, self.namespace) is None:
                self.disconnected(sid)
                self._clients.forget(sid, self.namespace)
        with self._runs.lock:
            for audience in tuple(self._audiences.values()):
                audience.tick()

    def dismiss(self, audience: Audience) -> None:
        """Disconnect the viewers of a run that is being deleted: at their next try its link leads nowhere."""
        for sid in tuple(audience.viewers):
            self.server.disconnect(sid, namespace=self.namespace)

    def push_later(self, audience: Audience, seconds: float) -> None:
        """Have an audience send what it holds back, after so long."""
        self._concurrency.spawn(self._push_delayed, audience, seconds)

    def _push_delayed(self, audience: Audience, seconds: float) -> None:
        self._concurrency.sleep(seconds)
        with self._runs.lock:
            audience.push_delayed()

    def show_soon(self, audience: Audience) -> None:
        """Tell the viewers of a run how it stands, now or as soon as they have been left in peace for long enough."""
        self._outdated[audience] = None
        self._something_outdated.set()

    def _show(self) -> None:
        while True:
            self._something_outdated.wait()
            self._something_outdated.clear()
            try:
                self._show_outdated()
            except Exception:
                log.exception("Viewers could not be told of progress; the next time they will be")
            self._concurrency.sleep(SHOW_SECONDS)

    def _show_outdated(self) -> None:
        with self._runs.lock:
            outdated, self._outdated = self._outdated, {}
            for audience in outdated:
                audience.show()

    def _enter(self, sid: str, auth: Any) -> Visit:
        try:
            return self._entrance.enter(
                auth.get("link"), auth.get("key"), partial(self._clients.end, sid, self.namespace)
            )
        except NoLink:
            sentence = "No run is shown at this link. It may be mistyped or revoked; ask for a new one."
            raise refuse("bad_link", sentence) from None
        except KeyWanted:
            raise refuse("bad_key", f"{KEY_WANTED} Send it as `key`; `progress hub key` prints one.") from None

    def _gather(self, run: Run) -> Audience:
        audience = self._audiences[run.id] = Audience(run, self)
        self._bus.subscribe(run.id, audience.push)
        return audience

    def _watch(self, sid: str, data: Any) -> protocol.Watching:
        message = read_watch(data)
        with self._runs.lock:
            return self._watching[sid].watch(sid, message.at, message.events_at)

    def _control(self, sid: str, data: Any) -> None:
        """Hand on what a viewer asks of the job, and tell whether; what comes of it, events tell everybody."""
        result = protocol.ControlResult(id=read_control_id(data), state="forwarded")
        try:
            reason = self._ask(sid, read_control(data))
        except Refused:
            reason = "bad_request"
        if reason:
            result["state"], result["reason"] = "refused", reason
        self.send("control_result", result, to=sid)

    def _ask(self, sid: str, request: protocol.ControlRequest) -> protocol.ControlReason | None:
        """Ask the runner, unless there is a reason not to."""
        with self._runs.lock:
            run, viewer = self._watching[sid].run, self._watching[sid].viewers[sid]
            reason = _why_not(run, viewer, request)
            if reason is None:
                run.requests.keep(request, viewer.label)
                self._hand_on(run, request, viewer.label)
        return reason


def _why_not(run: Run, viewer: Viewer, request: protocol.ControlRequest) -> protocol.ControlReason | None:
    if not protocol.at_least(viewer.role, "type" if request["do"] == "type" else "control"):
        return "role"
    if not run.requests.admits(viewer.id):
        return "rate"
    if run.summary.exit:
        return "ended"
    if run.publisher is None:
        return "away"
    # An older runner would not even answer; what the others are asked, they refuse by themselves.
    return None if "control" in run.record.meta else "not_allowed"
