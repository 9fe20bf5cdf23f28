"""However output is cut into pieces, the same is masked, and everything else stays in its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.secrets import PRIVATE_KEY, TOKENS, line_of

from progress_run.recorder.redactor import HOLD, KEPT, Redactor, note_all
from progress_run.recorder.run_log import RunLog
from progress_run.redact.mask import Mask
from progress_run.redact.wish import MASK, Wish

ENVIRON = {"DB_PASSWORD": "c0rrect-horse-battery", "OTHER_PASSWORD": "battery-c0rrect", "A_KEY": "aaaaaaaa1aaaaaaaa"}
PATTERNS = (r"pin=(\d{4,6})",)

FRAGMENTS = [
    *(line_of(name)[0] for name in ("GitHub", "AWS secret", "JWT", "URL", "header", "OpenAI", "Slack, webhook")),
    *(TOKENS[name][0] for name in ("GitHub", "GitLab", "JWT", "URL", "header")),
    *(TOKENS[name][1] for name in ("GitHub", "GitLab", "URL")),
    *ENVIRON.values(),
    *(value[:-3] for value in ENVIRON.values()),
    PRIVATE_KEY,
    PRIVATE_KEY[:120],
    PRIVATE_KEY[60:],
    *(
        "pin=4711",
        "pin=",
        "\n",
        "\r\n",
        "\r",
        " ",
        "a",
        "é",
        "\x1b[31m",
        "hello, world\n",
        "10%\r",
        "://",
        "@",
        "-----END",
    ),
]

TOKEN = "".join(TOKENS["GitHub"]).encode()
LATE_FRAGMENTS = [TOKEN.decode(), "\n", "\r\n", " ", "hello, world", "10%\r", "ghp", "é", "://"]


class Read(NamedTuple):
    """A piece of output as it was read."""

    t: float
    fd: int
    data: bytes


class Log(RunLog):
    """A run log that only remembers, at a time that the test sets."""

    def __init__(self) -> None:
        self.t = 0.0
        self.reads: list[Read] = []
        self.notes: list[str] = []

    def seconds(self) -> float:
        return self.t

    def append(self, data: bytes, fd: int = 1, t: float | None = None) -> None:
        self.reads.append(Read(self.t if t is None else t, fd, data))

    def event(self, kind: str, fields: dict[str, str], at: int | None = None) -> None:
        self.notes.append(fields["text"])

    @property
    def output(self) -> bytes:
        return b"".join(read.data for read in self.reads)


class Stage:
    """A redactor over such a log."""

    def __init__(self, *patterns: str, **environ: str) -> None:
        self.log = Log()
        self.mask = Mask(Wish(patterns), environ)
        self.redactor = Redactor(self.log, self.mask)

    def read(self, data: bytes, fd: int = 1, after: float = 0.0) -> None:
        """The next piece, `after` so many seconds in which the recorder looks after everything."""
        self.wait(after)
        self.redactor.append(data, fd)
        self.redactor.tend()

    def wait(self, seconds: float) -> None:
        self.log.t += seconds
        self.redactor.tend()
        assert self.redactor.patience > 0

    def end(self) -> bytes:
        self.redactor.settle()
        assert self.redactor.patience == float("inf")
        return self.log.output


@st.composite
def cut_texts(draw: st.DrawFn, fragments: list[str]) -> list[bytes]:
    """Some text in pieces."""
    data = "".join(draw(st.lists(st.sampled_from(fragments), max_size=12))).encode()
    cuts = sorted(draw(st.lists(st.integers(0, len(data)), max_size=8)))
    return [data[start:end] for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True) if start < end]


@st.composite
def readings(draw: st.DrawFn) -> list[Read]:
    """Two streams that come in turn."""
    streams = {1: draw(cut_texts(FRAGMENTS)), 2: draw(cut_texts(FRAGMENTS))}
    turns = draw(st.permutations([fd for fd, pieces in streams.items() for _ in pieces]))
    return [Read(n / 1000, fd, streams[fd].pop(0)) for n, fd in enumerate(turns)]


def expected(reads: list[Read]) -> list[Read]:
    """By each reading what is left of it: a mask stands where its secret begins."""
    mask = Mask(Wish(PATTERNS), ENVIRON)
    whole = {fd: b"".join(read.data for read in reads if read.fd == fd) for fd in (1, 2)}
    places = dict.fromkeys(whole, 0)
    left = []
    for t, fd, data in reads:
        start, places[fd] = places[fd], places[fd] + len(data)
        parts = list(unmasked(whole[fd], start, places[fd], mask))
        left.append(Read(t, fd, b"".join(parts)))
    return [read for read in left if read.data]


def unmasked(data: bytes, at: int, stop: int, mask: Mask) -> Iterator[bytes]:
    for start, end, _ in mask.spans(data):
        if at < end and start < stop:
            yield data[at:start] + (MASK.encode() if at <= start else b"")
            at = min(end, stop)
    yield data[at:stop]


def joined(reads: list[Read]) -> list[Read]:
    """What came of one reading, in one piece."""
    groups = groupby(reads, key=lambda read: (read.t, read.fd))
    return [Read(t, fd, b"".join(read.data for read in group)) for (t, fd), group in groups]


@settings(max_examples=1500, deadline=None)
@given(readings())
def test_however_it_is_cut_and_mixed_the_same_is_masked(reads: list[Read]) -> None:
    """With each byte at the time and of the descriptor by which it came, as long as nobody waits."""
    stage = Stage(*PATTERNS, **ENVIRON)
    for read in reads:
        stage.log.t = read.t
        stage.redactor.append(read.data, read.fd)
    stage.end()
    assert joined(stage.log.reads) == expected(reads)


@pytest.mark.parametrize("name", TOKENS)
def test_a_secret_is_found_at_every_cut(name: str) -> None:
    line, left = (f"{each}\r\n".encode() for each in line_of(name))
    for cut in range(len(line) + 1):
        stage = Stage()
        stage.read(line[:cut])
        stage.read(line[cut:], after=HOLD / 2)
        assert stage.end() == left


def test_so_is_a_private_key_byte_by_byte() -> None:
    stage = Stage()
    for byte in f"before\n{PRIVATE_KEY}\nafter".encode():
        stage.read(bytes([byte]))
    first, *lines, last = PRIVATE_KEY.splitlines()
    assert stage.end().decode().splitlines() == ["before", first, *["***" for _ in lines], last, "after"]


@settings(max_examples=500, deadline=None)
@given(cut_texts(LATE_FRAGMENTS), st.lists(st.sampled_from([0.0, HOLD / 2, HOLD, 1.0]), min_size=12, max_size=12))
def test_whoever_waits_sees_no_secret_whole_and_misses_nothing_else(pieces: list[bytes], pauses: list[float]) -> None:
    stage = Stage()
    for piece, pause in zip(pieces, pauses, strict=False):
        stage.read(piece, after=pause)
    shown, data = stage.end(), b"".join(pieces)
    assert TOKEN not in shown
    kept = re.compile(re.escape(TOKEN[:4]) + rb"[0-9A-Za-z_*]*")
    assert kept.sub(b"", shown) == kept.sub(b"", data)


def test_nothing_is_held_that_has_no_beginning_of_a_secret() -> None:
    stage = Stage(**ENVIRON)
    for piece in (b"$ ", b"l", b"s", b"\r\nenter your name: ", b"50%\r", b"sk", b"gh"):
        stage.read(piece)
    assert stage.log.output == b"$ ls\r\nenter your name: 50%\rskgh"


def test_what_may_be_one_is_held_for_a_moment_and_no_longer() -> None:
    stage = Stage(**ENVIRON)
    stage.read(b"the password is c0rrect-h")
    stage.wait(HOLD * 0.9)
    assert stage.log.output == b""
    stage.wait(HOLD * 0.2)
    assert stage.log.output == b"the password is c0rrect-h"
    assert stage.log.reads[0].t == 0


def test_of_what_was_shown_too_early_the_rest_is_masked() -> None:
    stage = Stage()
    line = line_of("GitHub")[0].encode()
    for byte in line[:-30]:
        stage.read(bytes([byte]), after=2 * HOLD)
    stage.read(line[-30:] + b"\n", after=2 * HOLD)
    assert stage.end() == line[:-30] + b"*** (valid)\n"


def test_a_token_that_goes_on_after_it_was_masked_gets_no_second_mask() -> None:
    stage = Stage()
    stay, secret = (each.encode() for each in TOKENS["GitHub"])
    stage.read(stay + secret)
    stage.read(b"moreOfIt", after=2 * HOLD)
    stage.read(b"andTheEnd.\n", after=2 * HOLD)
    assert stage.end() == stay + b"***.\n"
    assert stage.mask.counts == {"GitHub token": 1}


@pytest.mark.parametrize("size", [100, 5000, 2 * KEPT, 65536])
def test_a_line_without_end_is_masked_all_the_way(size: int) -> None:
    """Wherever in it secrets stand; what is held stays bounded."""
    begins, secret = TOKENS["GitHub"]
    data = ((begins + secret + " x y z" * 400) * 40).encode()
    stage = Stage()
    for at in range(0, len(data), size):
        stage.read(data[at : at + size])
        assert sum(len(piece.data) for piece in stage.redactor._queue) <= 2 * KEPT
    assert stage.end() == data.replace(secret.encode(), b"***")


def test_other_streams_wait_for_what_is_held() -> None:
    stage = Stage()
    stage.read(b"token ghp_")
    stage.read(b"an error\n", fd=2)
    assert stage.log.reads == []
    stage.read(TOKENS["GitHub"][1].encode() + b"\n", after=HOLD / 2)
    assert stage.log.reads == [
        Read(0, 1, b"token ghp_"),
        Read(0, 2, b"an error\n"),
        Read(HOLD / 2, 1, b"***\n"),
    ]


def test_each_kind_is_told_once_and_all_in_the_end() -> None:
    stage = Stage(**ENVIRON)
    for name in ("GitHub", "GitHub", "URL"):
        stage.read(line_of(name)[0].encode() + b"\n")
    note_all(stage.log, stage.mask.counts)
    assert stage.log.notes == [
        "Masked from here on: GitHub token.",
        "Masked from here on: password in a URL.",
        "Masked in this recording: GitHub token × 2, password in a URL × 1.",
    ]


def test_a_real_log_has_the_times_of_the_readings(tmp_path: Path) -> None:
    log = RunLog(tmp_path, 0)
    redactor = Redactor(log, Mask(Wish(), {}))
    log.seconds = lambda: 1.0  # type: ignore[method-assign]
    redactor.append(b"ghp_")
    log.seconds = lambda: 2.0  # type: ignore[method-assign]
    redactor.append(b"no token\n")
    assert (tmp_path / "timing").read_text() == "0 1.000000 1\n4 2.000000 1\n"
