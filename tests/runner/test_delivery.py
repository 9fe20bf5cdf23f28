"""The sender's own parts: reading a run directory from any offset, and the window that makes losses harmless."""

from __future__ import annotations

import contextlib
import hashlib
import time
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from progress_run.protocol import CHUNK_BYTES, EVENTS_PER_MESSAGE, MARKS_PER_CHUNK, WINDOW_APPENDS, WINDOW_BYTES
from progress_run.recorder.run_log import RunLog
from progress_run.sender.delivery import pack
from progress_run.sender.window import COALESCE, Window
from progress_run.source import Source


def test_every_offset_gives_the_bytes_from_there_with_their_times(tmp_path: Path) -> None:
    log = RunLog(tmp_path, time.time())
    whole = bytes(range(256)) * 1000
    for start in range(0, len(whole), 1000):
        log.append(whole[start : start + 1000], fd=1 + (start // 1000) % 2)
    with contextlib.closing(Source(tmp_path)) as source:
        for at in (0, 1, 999, 1000, 70_000, 5, 255_999):
            piece = source.piece(at)
            assert piece is not None
            assert piece.data == whole[at : at + CHUNK_BYTES]
            assert piece.marks[0][0] == at
            assert piece.marks[0][2] == 1 + (at // 1000) % 2
            assert [mark[0] for mark in piece.marks] == sorted({mark[0] for mark in piece.marks})
        assert source.piece(len(whole)) is None
        assert source.sha256(len(whole)) == hashlib.sha256(whole).hexdigest()


def test_a_piece_ends_where_a_message_holds_no_more_marks(tmp_path: Path) -> None:
    log = RunLog(tmp_path, time.time())
    for number in range(MARKS_PER_CHUNK + 500):
        log.append(b"x", fd=1 + number % 2)
    with contextlib.closing(Source(tmp_path)) as source:
        at = 0
        while piece := source.piece(at):
            assert len(piece.marks) <= MARKS_PER_CHUNK
            at += len(piece.data)
        assert at == log.end


def test_events_are_read_from_any_number(tmp_path: Path) -> None:
    log = RunLog(tmp_path, time.time())
    for number in range(EVENTS_PER_MESSAGE + 50):
        log.event("note", {"text": str(number)})
    with contextlib.closing(Source(tmp_path)) as source:
        assert len(source.events(0)) == EVENTS_PER_MESSAGE
        assert source.events(EVENTS_PER_MESSAGE)[0]["seq"] == EVENTS_PER_MESSAGE
        assert [event["text"] for event in source.events(7)][:2] == ["7", "8"]
        assert source.events(EVENTS_PER_MESSAGE + 50) == []


def test_compression_is_used_when_it_pays() -> None:
    assert pack(b"short") == ("", b"short")
    assert pack(b"line\n" * 1000)[0] == "zlib"
    noise = hashlib.shake_256(b"noise").digest(5000)
    assert pack(noise) == ("", noise)


def test_an_idle_link_sends_at_once_and_a_busy_one_gathers() -> None:
    window = Window()
    window.rewind(0, 0, now=0.0)
    assert window.pause(now=0.0) == 0
    window.appended(10, now=0.0)
    assert window.pause(now=0.001) == COALESCE - 0.001
    assert window.pause(now=1.0) == 0


def test_the_hub_sets_the_pace_of_runs_that_nobody_watches() -> None:
    window = Window()
    window.appended(10, now=0.0)
    window.acked(10, 0, pace_ms=1000, now=0.1)
    assert window.pause(now=0.4) == 0.6


def test_a_hub_that_does_not_answer_is_noticed_by_its_acks_alone() -> None:
    window = Window()
    window.appended(10, now=0.0)
    window.acked(5, 0, 0, now=1.0)
    assert window.stuck_for(now=11.0) == 10.0
    window.acked(10, 0, 0, now=12.0)
    assert window.stuck_for(now=99.0) == 0.0


def test_what_the_hub_asks_for_next_is_not_yet_durable() -> None:
    window = Window()
    window.appended(10, now=0.0)
    window.resend(10, 0, now=1.0)
    assert not window.all_acked
    window.acked(10, 0, 0, now=2.0)
    assert window.all_acked


class Wire:
    """A hub and a link that loses, repeats and reorders; the hub takes what it is given by the protocol's rule."""

    def __init__(self, whole: bytes) -> None:
        self.whole = whole
        self.stored = b""
        self.flying: list[tuple[int, bytes]] = []

    def take(self, at: int, data: bytes) -> None:
        if at <= len(self.stored):
            self.stored += data[len(self.stored) - at :]


@given(whole=st.binary(max_size=3000), sizes=st.lists(st.integers(1, 200), min_size=1), choices=st.randoms())
def test_whatever_the_link_does_the_same_bytes_arrive(whole: bytes, sizes: list[int], choices: object) -> None:
    """The window with a hub behind a bad link: any chunking, loss, repetition, reordering gives the same bytes."""
    import random

    assert isinstance(choices, random.Random)
    wire, window, now = Wire(whole), Window(), 0.0
    for step in range(100_000):
        if wire.stored == whole:
            break
        now += 1.0
        size = min(sizes[step % len(sizes)], len(whole) - window.sent)
        if size > 0 and window.room(size):
            wire.flying.append((window.sent, whole[window.sent : window.sent + size]))
            window.appended(window.sent + size, now)
        fate = choices.random()
        if wire.flying and fate < 0.7:
            at = choices.randrange(len(wire.flying))
            message = wire.flying[at] if fate < 0.1 else wire.flying.pop(at)
            if fate < 0.55:
                wire.take(*message)
        if fate > 0.8:
            window.acked(choices.randint(0, len(wire.stored)), 0, 0, now)
        if window.stuck_for(now) > 20 or fate < 0.02:
            wire.flying.clear()
            window.rewind(len(wire.stored), 0, now)
        assert window.sent - window.end <= WINDOW_BYTES
        assert len(window._in_flight) <= WINDOW_APPENDS
    assert wire.stored == whole
