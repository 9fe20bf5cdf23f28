"""The namespace of publishers: /publish."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import Any

from progress_hub.access import TOO_MANY_PUBLISHERS
from progress_hub.bus import Bus
from progress_hub.failures import Failures
from progress_hub.gate import Gate, household
from progress_hub.hardening import Clients
from progress_hub.integrity import Integrity
from progress_hub.keys import Keys
from progress_hub.namespace import GuardedNamespace, check_protocol, refuse
from progress_hub.run import Gap, Run
from progress_hub.runs import Runs
from progress_hub.settings import Settings
from progress_hub.wire import (
    Append,
    Events,
    Garbled,
    Refused,
    read_append,
    read_blocks,
    read_events,
    read_open,
    read_seal,
)
from progress_run import failpoint, protocol

APPENDS_WANTED = 1800
"""Appends a second that runs which nobody watches share: it is their number that costs, and a few thousand is all."""
LONGEST_PACE = 1000


@dataclass
class Opened:
    """A run that a publisher has opened, and what it was last told of it."""

    run: Run
    epoch: int
    publisher: str
    told: tuple[int, int]
    rewinds: int
    """How often the hub had lost what was not durable, when it last said what it needs."""
    told_flawed: bool

    @property
    def fenced(self) -> bool:
        """Whether another publisher has taken the run since."""
        return self.run.publisher != self.publisher or self.run.epoch != self.epoch


class Publish(GuardedNamespace):
    """Takes runs from publishers; acknowledges only what is durable."""

    def __init__(
        self,
        runs: Runs,
        integrity: Integrity,
        bus: Bus,
        keys: Keys,
        failures: Failures,
        clients: Clients,
        gate: Gate,
        limits: Settings,
    ) -> None:
        super().__init__(protocol.PUBLISH, failures)
        self.requests = {
            "open": self._open,
            "append": self._append,
            "event": self._event,
            "seal": self._seal,
            "blocks": self._blocks,
        }
        self._runs = runs
        self._integrity = integrity
        self._bus = bus
        self._keys = keys
        self._clients = clients
        self._gate = gate
        self._limits = limits
        self._entered: dict[str, ExitStack] = {}
        """What each publisher gives back when it goes: its hold on its key, and its seat."""
        self._opened: dict[str, dict[str, Opened]] = {}
        self._listeners: dict[tuple[str, str], Any] = {}

    def connected(self, sid: str, auth: Any) -> None:
        """Let in whoever has a publish key, for as long as it isn't revoked."""
        check_protocol(auth)
        hold = self._keys.hold(auth.get("key"), ("publish",), partial(self._clients.end, sid, self.namespace))
        if hold is None:
            raise refuse("bad_key", "The publish key is wrong; `progress hub key` prints the right one on the hub.")
        with ExitStack() as undo:
            undo.callback(hold.release)
            host = self._clients.host(sid, self.namespace)
            if not self._gate.publishers.sit(household(host)):
                raise refuse("unavailable", TOO_MANY_PUBLISHERS)
            undo.callback(self._gate.publishers.rise, household(host))
            self._entered[sid], self._opened[sid] = undo.pop_all(), {}

    def disconnected(self, sid: str) -> None:
        """The publisher's runs have nobody any more."""
        entered = self._entered.pop(sid, None)
        if entered:
            entered.close()
        for opened in self._opened.pop(sid, {}).values():
            self._bus.unsubscribe(opened.run.id, self._listeners.pop((sid, opened.run.id)))
            self._runs.leave(opened.run, sid)

    def tick(self) -> None:
        """Once a second: forget whoever left while being let in."""
        for sid in tuple(self._entered):
            if self._clients.outbox(sid, self.namespace) is None:
                self.disconnected(sid)
                self._clients.forget(sid, self.namespace)

    def _open(self, sid: str, data: Any) -> protocol.Position:
        message = read_open(data)
        self._check_room(sid, message.run)
        run, displaced = self._runs.open(message, sid)
        mine = self._opened.get(sid)
        if mine is None:
            self._runs.leave(run, sid)
            raise Refused("unavailable", "The connection was closed meanwhile.")
        if displaced:
            self.send("fenced", protocol.Fenced(run=run.id, epoch=run.epoch), to=displaced)
        before = mine.get(run.id)
        told, flawed = (run.record.size, run.record.received_events), run.verdict.flawed
        opened = mine[run.id] = Opened(run, message.epoch, sid, told, run.rewinds, flawed)
        if before:
            self._runs.release(run)
        self._listen(opened)
        self._ask_again(run)
        return _position(run)

    def control(self, run: Run, request: protocol.ControlRequest, by: str) -> None:
        """Hand on to a run's publisher what the viewers whose link has this label ask of the job."""
        if run.publisher:
            self.send("control", protocol.Control(run=run.id, epoch=run.epoch, by=by, **request), to=run.publisher)

    def _ask_again(self, run: Run) -> None:
        with self._runs.lock:
            unanswered = run.requests.unanswered()
        if unanswered:
            working = self._runs.working_links(run.id)
            for request, link, by in unanswered:
                if link in working:
                    self.control(run, request, by)

    def _check_room(self, sid: str, run: str) -> None:
        most, mine = self._limits.runs_per_publisher, self._opened.get(sid, {})
        if most and run not in mine and len(mine) >= most:
            raise Refused("unavailable", f"One connection may publish {most} runs here; make another for more of them.")

    def _append(self, sid: str, data: Any) -> None:
        failpoint.reach("hub.before-append")
        self._take(sid, data, read_append, self._take_output)

    def _event(self, sid: str, data: Any) -> None:
        self._take(sid, data, read_events, self._take_events)

    def _take(self, sid: str, data: Any, read: Callable[[Any], Any], take: Callable[[Opened, Any], bool]) -> None:
        """Take what has no reply of its own: acknowledged when it is durable, or answered by `need` or `refused`."""
        try:
            message = read(data)
            opened = self._find(sid, message.run, message.epoch)
            if opened and not take(opened, message):
                self._acknowledge(opened)
        except (Gap, Garbled):
            self._need(self._opened[sid][data["run"]])
        except Refused as refused:
            run = data.get("run") if isinstance(data, dict) else None
            self.send("refused", {"run": run, **refused.reply()}, to=sid)
            raise

    def _take_output(self, opened: Opened, message: Append) -> bool:
        most = self._limits.run_bytes
        if most and message.end > most:
            self._runs.cut(opened.run)
            raise Refused("limit", f"This hub takes {most:,} bytes of output of a run, not more; see its run_bytes.")
        if message.at < opened.run.end:
            self._integrity.compare(opened.run, message)
        with self._runs.lock:
            if opened.fenced:
                return True  # it was taken from this publisher, which was told, while the bytes were compared
            self._integrity.fill(opened.run, message)
            return self._runs.append(opened.run, message)

    def _take_events(self, opened: Opened, message: Events) -> bool:
        self._integrity.fill_events(opened.run, message)
        return self._runs.add_events(opened.run, message, self._limits.run_events)

    def _seal(self, sid: str, data: Any) -> protocol.Position:
        message = read_seal(data)
        run = self._have(sid, message.run, message.epoch)
        if run.left_out:
            raise Refused("limit", f"This hub had no room for {run.left_out:,} events of the run; see its run_events.")
        why_not = self._integrity.seal(run, message)
        return {**_position(run), **why_not}  # type: ignore[typeddict-item]

    def _blocks(self, sid: str, data: Any) -> protocol.Sums:
        message = read_blocks(data)
        return self._integrity.blocks(self._have(sid, message.run, message.epoch), message)

    def _have(self, sid: str, run: str, epoch: int) -> Run:
        """The run as this publisher opened it; raises `Refused`."""
        opened = self._find(sid, run, epoch)
        if opened is None:
            raise Refused("fenced", f"Another publisher has taken run {run}; stop.")
        return opened.run

    def _find(self, sid: str, run: str, epoch: int) -> Opened | None:
        """The run as this publisher opened it; tells the publisher, and returns None, when it was taken from it."""
        opened = self._opened.get(sid, {}).get(run)
        if opened is None or epoch > opened.epoch:
            raise Refused("bad_request", f"Run {run} is not open with epoch {epoch} here; send `open` first.")
        if opened.fenced or epoch < opened.epoch:
            self.send("fenced", protocol.Fenced(run=run, epoch=opened.run.epoch), to=sid)
            return None
        return opened

    def _listen(self, opened: Opened) -> None:
        """Acknowledge whatever becomes durable of the run, as it does, and ask for what was lost or damaged."""

        def listener() -> None:
            run = opened.run
            if opened.fenced:
                return
            if (run.record.size, run.record.received_events) != opened.told:
                self._acknowledge(opened)
            if run.rewinds != opened.rewinds or run.verdict.flawed > opened.told_flawed:
                self._need(opened)
            opened.told_flawed = run.verdict.flawed

        key = (opened.publisher, opened.run.id)
        if key in self._listeners:
            self._bus.unsubscribe(opened.run.id, self._listeners[key])
        self._listeners[key] = listener
        self._bus.subscribe(opened.run.id, listener)

    def _acknowledge(self, opened: Opened) -> None:
        end, events_end = opened.told = (opened.run.record.size, opened.run.record.received_events)
        ack = protocol.Ack(run=opened.run.id, end=end, events_end=events_end, pace=self._pace(opened.run))
        failpoint.reach("hub.before-ack")
        self.send("ack", ack, to=opened.publisher)
        failpoint.reach("hub.after-ack")

    def _need(self, opened: Opened) -> None:
        run = opened.run
        opened.rewinds = run.rewinds
        need = protocol.Need(run=run.id, end=run.end, events_end=run.received_events)
        if run.verdict.flawed:
            need["differs"] = True
        self.send("need", need, to=opened.publisher)

    def _pace(self, run: Run) -> int:
        """How seldom a run should be heard, in ms: as often as it likes while watched, else it shares with the others.

        By how many they are, not by how much they send: that falls as soon as they follow, and would rise again.
        """
        return 0 if run.viewers else min(LONGEST_PACE, 1000 * self._runs.speaking // APPENDS_WANTED)


def _position(run: Run) -> protocol.Position:
    position = protocol.Position(end=run.record.size, events_end=run.record.received_events, complete=run.complete)
    if run.verdict.flawed:
        position["differs"] = True
    if run.record.meta.get("private"):
        position["private"] = True
    return position
