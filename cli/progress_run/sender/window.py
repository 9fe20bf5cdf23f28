"""How far the hub has the run and how much more may be in flight; pure, knows neither socket nor file."""

from __future__ import annotations

from collections import deque

from progress_run.protocol import WINDOW_APPENDS, WINDOW_BYTES

COALESCE = 0.006
"""Seconds between messages of a busy run: bytes that come sooner share one. A hundred lines a second go out at once."""


class Window:
    """Positions of one publisher.

    Attributes:
        end: offset the hub durably has.
        sent: offset sent so far; what lies between is in flight.
        events_end, events_sent: likewise for events.
        appends: how many may be in flight.
    """

    def __init__(self) -> None:
        self.end = self.sent = self.events_end = self.events_sent = 0
        self.appends = WINDOW_APPENDS
        self._pace = 0.0
        self._in_flight: deque[int] = deque()
        self._last_append = float("-inf")
        self._progress = 0.0

    def rewind(self, end: int, events_end: int, now: float) -> None:
        """The hub says what it has: nothing else counts, continue from there."""
        self.end = self.sent = end
        self.events_end = self.events_sent = events_end
        self._in_flight.clear()
        self._progress = now

    def resend(self, sent: int, events_sent: int, now: float) -> None:
        """The hub wants to have this next; what lies before it has come, but need not be durable yet."""
        self.sent, self.events_sent = sent, events_sent
        self.end, self.events_end = min(self.end, sent), min(self.events_end, events_sent)
        self._in_flight.clear()
        self._progress = now

    def acked(self, end: int, events_end: int, pace_ms: float, now: float) -> None:
        """The hub durably has so much; an older ack that comes late changes nothing."""
        if end > self.end or events_end > self.events_end:
            self._progress = now
        self.end = max(self.end, end)
        self.events_end = max(self.events_end, events_end)
        self.sent = max(self.sent, self.end)
        self.events_sent = max(self.events_sent, self.events_end)
        self._pace = pace_ms / 1000
        while self._in_flight and self._in_flight[0] <= self.end:
            self._in_flight.popleft()

    def room(self, size: int) -> bool:
        """Whether an append of `size` bytes may go out."""
        return len(self._in_flight) < self.appends and self.sent + size - self.end <= WINDOW_BYTES

    def pause(self, now: float) -> float:
        """Seconds until the next append of less than a full chunk should go out: none when the link was idle."""
        return max(0.0, self._last_append + max(COALESCE, self._pace) - now)

    def appended(self, end: int, now: float) -> None:
        """An append up to `end` went out."""
        if self.all_acked:
            self._progress = now
        self.sent = end
        self._in_flight.append(end)
        self._last_append = now

    def reported(self, events_sent: int, now: float) -> None:
        """Events up to this sequence number went out."""
        if self.all_acked:
            self._progress = now
        self.events_sent = events_sent

    @property
    def all_acked(self) -> bool:
        """Nothing is in flight."""
        return self.sent == self.end and self.events_sent == self.events_end

    def stuck_for(self, now: float) -> float:
        """Seconds for which something has been in flight without any ack."""
        return 0.0 if self.all_acked else now - self._progress
