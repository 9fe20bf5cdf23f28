"""The namespace of viewers: /watch."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from typing import Any

from progress_hub.access import LINK_FULL, NO_SEAT
from progress_hub.audience import Audience, Viewer
from progress_hub.bus import Bus
from progress_hub.concurrency import Concurrency
from progress_hub.entrance import KEY_WANTED, Entrance, KeyWanted, NoLink, Visit
from progress_hub.failures import Failures
from progress_hub.gate import Gate, Seats
from progress_hub.hardening import Clients
from progress_hub.namespace import GuardedNamespace, check_protocol, refuse
from progress_hub.requests import Kept
from progress_hub.run import Run
from progress_hub.runs import NoRun, Runs
from progress_hub.wire import Refused, read_control, read_control_id, read_watch
from progress_run import protocol

log = logging.getLogger(__name__)

SHOW_SECONDS = 0.25
"""How often the viewers of a run are told of its progress, at most."""

HandOn = Callable[[Run, protocol.ControlRequest, str], None]
"""Gives a run's publisher what is asked of the job by viewers whose link has this label."""


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
                run.requests.keep(Kept(request, viewer.id, viewer.label))
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
