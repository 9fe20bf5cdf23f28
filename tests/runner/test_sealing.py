"""End-to-end encryption on the job's machine: what is sealed can be opened, is sealed once, and gives nothing away."""

from __future__ import annotations

import base64
import contextlib
import errno
import json
import os
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support import unsealed

from progress_run.protocol import EVENT_BYTES, META_BYTES, RECORD_BYTES, SEALED_EVENT_BYTES, SEALED_META_BYTES
from progress_run.recorder.recording import Recording, Redaction
from progress_run.recorder.run_log import NEVER, NOT_SEALED, SEAL_INTERVAL, RunLog
from progress_run.sealed import layout
from progress_run.sealed.layout import SEALED, size_if_whole
from progress_run.sealed.sealer import Sealer
from progress_run.sealed.sealing import AT_ONCE, Sealing
from progress_run.sender.sealed_source import SealedSource

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "sealed.json").read_text())
KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"


def taken_in(path: Path) -> bytes:
    """Everything sealed, as the hub gets it."""
    with contextlib.closing(Sealing(path, KEY)) as sealing:
        while not sealing.take_in():
            pass
    return (path / SEALED / "output.log").read_bytes()


def events_of(folder: Path) -> list[dict[str, Any]]:
    """The events in a file of them."""
    return [json.loads(line) for line in (folder / "events.ndjson").read_text().splitlines()]


def test_the_vectors_that_the_page_is_tested_with_are_what_is_sealed_here() -> None:
    key = VECTORS["key"]
    opened = unsealed.output(key, base64.b64decode(VECTORS["records"]))
    assert opened.output == base64.b64decode(VECTORS["output"])
    assert [list(mark) for mark in opened.marks] == VECTORS["marks"]
    assert [unsealed.event(key, event) for event in VECTORS["sealed_events"]] == VECTORS["events"]
    assert unsealed.meta(key, VECTORS["sealed_meta"]) == VECTORS["meta"]


@given(pieces=st.lists(st.binary(max_size=3 * RECORD_BYTES), max_size=6), fds=st.lists(st.sampled_from([1, 2])))
@settings(max_examples=30, deadline=None)
def test_whatever_is_written_comes_back_with_its_times(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[bytes], fds: list[int]
) -> None:
    path = tmp_path_factory.mktemp("run")
    log = RunLog(path, time.time())
    with contextlib.closing(Sealing(path, KEY)) as sealing:
        for piece, fd in zip(pieces, fds + [1] * len(pieces), strict=False):
            log.append(piece, fd)
            sealing.take_in()
    opened = unsealed.output(KEY, taken_in(path))
    assert opened.output == b"".join(pieces) == (path / "output.log").read_bytes()
    plain = [line.split() for line in (path / "timing").read_text().splitlines()]
    written = {int(at): (float(t), int(fd)) for at, t, fd in plain if int(at) < len(opened.output)}
    given_back = {at: (t, fd) for at, t, fd in opened.marks}
    assert written.items() <= given_back.items()


def test_no_nonce_comes_twice_whoever_goes_on(tmp_path: Path) -> None:
    log = RunLog(tmp_path, time.time())
    nonces: list[bytes] = []
    for number in range(50):
        log.append(b"the same again\n")
        sealed = taken_in(tmp_path)
        nonces.append(unsealed.output(KEY, sealed).nonces[-1])
        if number % 2:  # as a crash leaves it: the end of the last record is not there
            os.truncate(tmp_path / SEALED / "output.log", len(sealed) - 3)
    assert len(set(nonces)) == len(nonces)


def test_what_was_sealed_once_stays_as_it_is(tmp_path: Path) -> None:
    log = RunLog(tmp_path, time.time())
    before = b""
    for _ in range(5):
        log.append(secrets.token_bytes(100_000))
        log.event("note", {"text": "here"})
        assert size_if_whole(tmp_path) is None
        sealed = taken_in(tmp_path)
        assert sealed.startswith(before)
        before = sealed
        assert size_if_whole(tmp_path) == len(before)
        log.append(b"more")
    taken_in(tmp_path)
    assert [unsealed.event(KEY, event) for event in events_of(tmp_path / SEALED)] == events_of(tmp_path)


def test_each_file_is_taken_up_where_it_was_cut_off(tmp_path: Path) -> None:
    log = RunLog(tmp_path, time.time())
    log.append(b"first")
    log.event("note", {"text": "one"})
    taken_in(tmp_path)
    for name, torn in (("output.log", b"\0\0"), ("timing", b"12 3."), ("events.ndjson", b'{"seq":1,"da')):
        with open(tmp_path / SEALED / name, "ab") as file:
            file.write(torn)
    log.append(b"second")
    log.event("note", {"text": "two"})
    assert unsealed.output(KEY, taken_in(tmp_path)).output == b"firstsecond"
    assert [unsealed.event(KEY, event)["text"] for event in events_of(tmp_path / SEALED)] == ["one", "two"]
    assert len((tmp_path / SEALED / "timing").read_text().splitlines()) == 2


def test_the_recorder_seals_as_it_goes_and_all_at_the_end(tmp_path: Path) -> None:
    log = RunLog(tmp_path, time.time())
    rings: list[int] = []
    log.on_growth = lambda: rings.append(log.end)
    log.seal(KEY)
    log.append(b"one")
    log.tend()
    assert unsealed.output(KEY, (tmp_path / SEALED / "output.log").read_bytes()).output == b"one"
    assert rings == [3]
    log.append(b"two")
    assert log.patience <= SEAL_INTERVAL
    log.append(b"x" * (RECORD_BYTES * AT_ONCE * 2))
    log.finish(3, None)
    assert unsealed.output(KEY, (tmp_path / SEALED / "output.log").read_bytes()).output[:6] == b"onetwo"
    (end,) = events_of(tmp_path / SEALED)
    assert (end["kind"], end["code"], end["signal"]) == ("exit", 3, None)
    assert unsealed.event(KEY, end)["at"] == log.end
    assert size_if_whole(tmp_path)


def test_the_sender_seals_what_a_dead_recorder_left_and_nothing_before(tmp_path: Path) -> None:
    log = RunLog(tmp_path, time.time())
    layout.create(tmp_path)
    log.append(b"x" * (RECORD_BYTES * (AT_ONCE + 1)))
    with contextlib.closing(SealedSource(tmp_path, KEY)) as source:
        assert source.take_in()
        assert source.size == 0
        log.finish(3, None)
        assert not source.take_in()
        assert source.last_event == {}
        assert source.take_in()
        assert source.last_event["kind"] == "exit"
        assert unsealed.output(KEY, taken_in(tmp_path)).output == (tmp_path / "output.log").read_bytes()


@contextlib.contextmanager
def no_room(monkeypatch: pytest.MonkeyPatch, after: int, where: str = "") -> Iterator[None]:
    """A disk that takes so many bytes more, and no others; `where` is part of the paths for which that holds."""
    left, write = after, os.write

    def limited(fd: int, data: bytes) -> int:
        nonlocal left
        if where not in os.readlink(f"/proc/self/fd/{fd}"):
            return write(fd, data)
        if not left:
            raise OSError(errno.ENOSPC, "No space left on device")
        written = write(fd, data[:left])
        left -= written
        return written

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", limited)
        yield


@pytest.mark.parametrize("after", [0, 1, 10, 20, 50, 20_000])
def test_a_full_disk_costs_time_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    log = RunLog(tmp_path, time.time())
    written = secrets.token_bytes(40_000)
    log.append(written)
    log.event("note", {"text": "here"})
    with contextlib.closing(Sealing(tmp_path, KEY)) as sealing, no_room(monkeypatch, after):
        assert not sealing.take_in()
        assert sealing.stuck
    assert unsealed.output(KEY, taken_in(tmp_path)).output == written
    assert [unsealed.event(KEY, event)["text"] for event in events_of(tmp_path / SEALED)] == ["here"]


@contextlib.contextmanager
def failing_reads(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A disk that gives nothing back."""

    def failing(*_: Any) -> bytes:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(os, "pread", failing)
        yield


def test_a_disk_that_fails_costs_the_job_nothing_and_the_sender_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = RunLog(tmp_path, time.time())
    layout.create(tmp_path)
    log.seal(KEY)
    log.append(b"one")
    log.tend()
    log.append(b"two")
    with failing_reads(monkeypatch):
        log.tend(at_once=True)
    assert log.patience == NEVER
    log.append(b"three")
    log.finish(3, None)
    assert unsealed.output(KEY, (tmp_path / SEALED / "output.log").read_bytes()).output == b"one"
    with contextlib.closing(SealedSource(tmp_path, KEY)) as source:
        assert source.take_in()
        note, end = (unsealed.event(KEY, event) for event in source.events(0))
        assert note["text"] == NOT_SEALED.format("[Errno 5] Input/output error")
        assert end["kind"] == "exit"
    assert unsealed.output(KEY, taken_in(tmp_path)).output == b"onetwothree"


def test_behind_the_end_the_sender_alone_seals(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the disk was full to the last, the recorder has something left when it lets go of the lock."""
    log = RunLog(tmp_path, time.time())
    layout.create(tmp_path)
    log.seal(KEY)
    log.append(b"one")
    with no_room(monkeypatch, 10, where=f"/{SEALED}/"):
        log.finish(3, None)
    assert log.settled
    assert log.patience == NEVER
    log.tend(at_once=True)
    log.event("resize", {"cols": 80, "rows": 24})  # whatever may still come of the terminal
    log.tend(at_once=True)
    assert (tmp_path / SEALED / "output.log").read_bytes() == b""
    with contextlib.closing(SealedSource(tmp_path, KEY)) as source:
        assert source.take_in()
        assert source.last_event["seq"] == 1
    assert unsealed.output(KEY, taken_in(tmp_path)).output == b"one"


def test_nobody_gets_a_record_that_is_not_whole(tmp_path: Path) -> None:
    """It is cut off and made anew, with other bytes: whoever had some of it would have what never was."""
    log = RunLog(tmp_path, time.time())
    layout.create(tmp_path)
    log.seal(KEY)
    log.append(b"whole")
    log.tend()
    file = tmp_path / SEALED / "output.log"
    whole = file.read_bytes()
    torn = Sealer(KEY).record(1, 5, [(5, 0.5, 1)], b"torn")
    with contextlib.closing(SealedSource(tmp_path, KEY)) as source:
        for cut in (3, 20, len(torn) - 1):
            file.write_bytes(whole + torn[:cut])
            assert source.size == len(whole)
            piece = source.piece(0)
            assert piece
            assert piece.data == whole
            assert source.piece(len(whole)) is None
        file.write_bytes(whole + torn)
        assert source.size == len(whole + torn)
        piece = source.piece(len(whole))
        assert piece
        assert piece.data == torn


def test_zeros_that_a_power_cut_leaves_are_no_records(tmp_path: Path) -> None:
    log = RunLog(tmp_path, time.time())
    log.append(b"one")
    sealed = taken_in(tmp_path)
    (tmp_path / SEALED / "output.log").write_bytes(sealed + bytes(1000))
    log.append(b"two")
    assert unsealed.output(KEY, taken_in(tmp_path)).output == b"onetwo"


def test_what_is_held_no_more_is_sealed_at_once(tmp_path: Path) -> None:
    """Before Ctrl-Z stops us as well, say."""
    log = RunLog(tmp_path, time.time())
    recording = Recording(log, Redaction((), (), nothing=False))
    log.seal(KEY)
    recording.append(b"first\n", 1)
    recording.settle()
    recording.append(b"a prompt: ghp_", 1)
    assert recording.patience < NEVER
    recording.settle()
    assert recording.patience == NEVER
    sealed = (tmp_path / SEALED / "output.log").read_bytes()
    assert unsealed.output(KEY, sealed).output == b"first\na prompt: ghp_"


def test_records_and_events_hold_for_their_place_alone() -> None:
    sealer = Sealer(KEY)
    first, second = sealer.record(0, 0, [(0, 0.5, 1)], b"aa"), sealer.record(1, 2, [(2, 0.5, 1)], b"bb")
    assert unsealed.output(KEY, first + second).output == b"aabb"
    sealed = {"seq": 4, "data": sealer.event({"seq": 4})}
    for attempt in (
        lambda: unsealed.output(KEY, second + first),
        lambda: unsealed.output(KEY, first + first),
        lambda: unsealed.output(KEY, second),
        lambda: unsealed.event(KEY, {**sealed, "seq": 5}),
        lambda: unsealed.meta(KEY, str(sealed["data"])),
    ):
        with pytest.raises(InvalidTag):
            attempt()


def test_the_largest_texts_keep_within_the_limits() -> None:
    sealer = Sealer(KEY)
    event: dict[str, Any] = {"seq": 0, "t": 1234567.123456, "at": 2**53, "kind": "note", "text": ""}
    event["text"] = "x" * (EVENT_BYTES - len(json.dumps(event, separators=(",", ":"))) - 1)
    whole = {**event, "kind": "sealed", "text": "", "data": sealer.event(event)}
    assert len(json.dumps(whole)) <= SEALED_EVENT_BYTES
    assert len(json.dumps({"started": 1.0, "sealed": sealer.meta("x" * (META_BYTES - 2))})) <= SEALED_META_BYTES


def test_what_differs_little_has_the_same_length() -> None:
    sealer = Sealer(KEY)
    assert len({len(sealer.event({"seq": 1, "text": "x" * size})) for size in range(150)}) == 1


@pytest.mark.parametrize("key", ["AAAA", "", KEY + "A", "\x1b" + KEY, KEY[:-1] + "\n"])
def test_a_key_that_is_none(key: str) -> None:
    with pytest.raises(ValueError, match="32 bytes in URL-safe base64 are needed"):
        Sealer(key)
