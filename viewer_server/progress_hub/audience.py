"""The viewers of one run: who is up to date, and gets what it grows by; who isn't, and fetches; who doesn't read."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from itertools import accumulate
from typing import Any, NamedTuple, Protocol

from progress_hub.entrance import Visit
from progress_hub.run import Piece, Run
from progress_run import protocol

SLOW_BYTES = 512 * 1024
"""How much may wait for a viewer before it is no longer up to date."""
DRAINED_BYTES = 64 * 1024
"""How much may still wait for a viewer that is brought up to date inline."""
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


class Channel(Protocol):
    """The way to viewers, who are reached one by one or in rooms, and the clock for what is to come a little later."""

    def send(self, event: str, data: Any, to: str) -> None:
        """Emit to one viewer or to a room."""

    def enter_room(self, sid: str, room: str) -> None:
        """Put a viewer into a room."""

    def leave_room(self, sid: str, room: str) -> None:
        """Take one out."""

    def waiting_for(self, sid: str) -> int:
        """How much waits to be sent to a viewer, in bytes."""

    def dismiss(self, audience: Audience) -> None:
        """Disconnect the viewers of a run that is being deleted: at their next try its link leads nowhere."""

    def push_later(self, audience: Audience, seconds: float) -> None:
        """Have an audience send what it holds back, after so long."""

    def show_soon(self, audience: Audience) -> None:
        """Tell the viewers of a run how it stands, now or as soon as they have been left in peace for long enough."""


class Audience:
    """The viewers of one run: those who are up to date get what it grows by, once encoded; the rest get hints.

    Whoever doesn't read gets nothing further at all, until it has taken what waits for it.
    """

    def __init__(self, run: Run, channel: Channel) -> None:
        self.run = run
        self.viewers: dict[str, Viewer] = {}
        self._channel = channel
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
        self._channel.enter_room(sid, self._listening)

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
        if output is None or events is None or self._flooded or self._channel.waiting_for(sid) > DRAINED_BYTES:
            self._waiting[sid] = end, events_end = self.run.record.size, self.run.record.events
        else:
            self._send_output(output, sid)
            self._send_events(events, sid)
            self._fresh.add(sid)
            self._channel.enter_room(sid, self._up_to_date)
            end, events_end = self.run.end, self.run.events_end
        info = {**self.run.info(time.time()), "role": self.viewers[sid].role}
        return {"run": info, "end": end, "events_end": events_end}

    def push(self) -> None:
        """Send what the run has grown by since the last time."""
        if self.run.removed:
            self._channel.dismiss(self)
            return
        self._send_or_wait()
        self._hint()
        if self._brief() != self._shown:
            self.show()
        elif self.run.summary.changes != self._changes_shown:
            self._channel.show_soon(self)

    def push_delayed(self) -> None:
        """Send what was held back for a moment, unless it was sent since."""
        self._delayed = False
        if not self.run.removed:
            self._send_or_wait()

    def tick(self) -> None:
        """Once a second: see who reads and who doesn't, and tell how many watch, and since when it has been silent."""
        for sid in tuple(self.viewers):
            waiting = self._channel.waiting_for(sid)
            if sid in self._deaf and waiting <= DRAINED_BYTES:
                self._deaf.discard(sid)
                self._channel.enter_room(sid, self._listening)
                self._channel.send("run", self.run.info(time.time()), to=sid)
            elif sid not in self._deaf and waiting > SLOW_BYTES:
                self._deaf.add(sid)
                self._channel.leave_room(sid, self._listening)
                self._fall_behind(sid)
        spoke = self.run.spoke
        fell_silent = spoke is not None and spoke != self._spoke_shown and time.time() - spoke >= SILENT_SECONDS
        if self.run.viewers != self._viewers_shown or fell_silent:
            self.show()

    def show(self) -> None:
        """Send the run as it stands to its viewers."""
        self._shown, self._viewers_shown = self._brief(), self.run.viewers
        self._changes_shown, self._spoke_shown = self.run.summary.changes, self.run.spoke
        self._channel.send("run", self.run.info(time.time()), to=self._listening)

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
            self._channel.push_later(self, wait)

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
                self._channel.send("grown", protocol.Grown(end=durable[0], events_end=durable[1]), to=sid)
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
                if self._channel.waiting_for(sid) > SLOW_BYTES:
                    self._fall_behind(sid)

    def _fall_behind(self, sid: str) -> None:
        if sid in self._fresh:
            self._slow_down(sid)
            self._waiting[sid] = (-1, -1)

    def _slow_down(self, sid: str) -> None:
        if sid in self._fresh:
            self._fresh.discard(sid)
            self._channel.leave_room(sid, self._up_to_date)

    def _send_output(self, pieces: list[Piece], to: str) -> None:
        for at, t, data in _joined(pieces):
            message = protocol.Output(at=at, t=t, data=base64.b64encode(data).decode())
            self._channel.send("output", message, to=to)

    def _send_events(self, events: list[dict[str, Any]], to: str) -> None:
        for first in range(0, len(events), protocol.EVENTS_PER_MESSAGE):
            message = protocol.ViewerEvents(events=events[first : first + protocol.EVENTS_PER_MESSAGE])
            self._channel.send("events", message, to=to)

    def _brief(self) -> tuple[Any, ...]:
        """What of the run its viewers are told of at once."""
        run = self.run
        ended = run.summary.exit is not None
        flaws = run.holes, run.verdict.conflict, run.limited
        return run.state_at(time.time()), run.complete, *flaws, run.epoch, ended


def _joined(pieces: list[Piece]) -> Iterator[Piece]:
    """The same in fewer pieces, of CHUNK_BYTES at most: a message costs as much as a thousand bytes in it."""
    while pieces:
        sizes = accumulate(len(piece.data) for piece in pieces)
        count = max(1, sum(size <= protocol.CHUNK_BYTES for size in sizes))
        together, pieces = pieces[:count], pieces[count:]
        yield together[0]._replace(data=b"".join(piece.data for piece in together))
