"""Whatever bytes come, there are reports of the right types, in bounded time and memory."""

import math
import sys
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.recognise.replayed import merged, reports, tasks

from progress_run.recognise import Recogniser
from progress_run.recognise.tasks import TASKS

CONTROLS = [
    "\r",
    "\n",
    "\b",
    "\t",
    "\x07",
    "\x1b7",
    "\x1b8",
    "\x1b\\",
    "\x1b]9;4;1;5",
    "\x1b]7747;progress;e30",
    "\x1b[",
]
CONTROLS += [f"\x1b[{rest}" for rest in ("A", "2K", "J", "H", "5;10r", "9999C", "L", "M", "S", "?1049h", "?1049l")]
TEXTS = ["45%|███  | ", "9/20", " [00:01<00:02, 3it/s]", "Epoch 3/10", "loss=0.3", "::group::a", "section_start:1:a"]
TEXTS += ["日", "é", "--- A", "[ 46%] ", "step 3 of 9", "1e999", "9" * 400, " " * 99, "#####", "━━━━━", "(3/9)"]
TEXTS += ["10% (3 of 30) |##|"]
OUTPUT = st.lists(st.sampled_from(CONTROLS + TEXTS), max_size=60).map(
    lambda parts: "".join(parts).encode()
) | st.binary(max_size=400)
SHAPES: dict[str, dict[str, tuple[type, ...]]] = {
    "task": {
        "id": (str,),
        "label": (str,),
        "current": (int, float, type(None)),
        "total": (int, float, type(None)),
        "unit": (str, type(None)),
        "percent": (int, float, type(None)),
        "state": (str,),
        "parent": (str, type(None)),
        "source": (str,),
        "at": (int,),
    },
    "metric": {"name": (str,), "value": (float,), "step": (int, float, type(None)), "source": (str,), "at": (int,)},
    "group": {"name": (str,), "open": (bool,), "at": (int,)},
    "note": {"level": (str,), "text": (str,), "at": (int,)},
}


@settings(max_examples=300, deadline=None)
@given(OUTPUT, st.integers(1, 50), st.sampled_from([0, 1, 20, 100]), st.integers(0, 40))
def test_any_bytes_give_reports_of_the_right_types(output: bytes, piece: int, cols: int, rows: int) -> None:
    for report in reports(output, piece, cols, rows):
        shape = SHAPES[report["kind"]]
        for name, value in report.items():
            assert name == "kind" or isinstance(value, shape[name]), (name, value)
            assert not isinstance(value, float) or math.isfinite(value)
        assert 0 <= (report.get("percent") or 0) <= 100
        assert 0 <= report["at"] <= len(output)


@settings(max_examples=300, deadline=None)
@given(OUTPUT, st.integers(1, 50))
def test_any_bytes_cut_anywhere_give_the_same_screen(output: bytes, piece: int) -> None:
    def fed(size: int) -> list[dict[str, Any]]:
        recogniser = Recogniser(40, 10)
        for start in range(0, len(output), size):
            recogniser.feed(output[start : start + size])
        recogniser.end()
        return merged(recogniser.reports())

    assert fed(piece) == fed(len(output) or 1)


@settings(max_examples=100, deadline=None)
@given(OUTPUT, st.integers(0, 200), st.integers(0, 60))
def test_a_resize_at_any_time_is_survived(output: bytes, cols: int, rows: int) -> None:
    recogniser = Recogniser(80, 24)
    recogniser.feed(output)
    recogniser.resize(cols, rows)
    recogniser.feed(output)
    recogniser.end()
    assert isinstance(recogniser.reports(), list)


def work(output: bytes, piece: int = 4096) -> int:
    """How many functions were called: a measure of time that no other process disturbs."""
    calls = 0

    def count(_: Any, event: str, __: Any) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        reports(output, piece)
    finally:
        sys.setprofile(None)
    return calls


@pytest.mark.parametrize(
    "unit",
    [
        b"a plain line of a log\r\n",
        b"\rBar:  45%|####      | 45/100 [00:01<00:02, 30.0it/s]",
        b"\x1b]0;never closed ",
        b"\x1b[1;2;3;4;5;6",
        b"\x1b[L\x1b[99S",
        b"\xff\xfe",
        b"[1/3] a\r\n[2/3] b\r\n[3/3] c\r\n",
        "日本語█".encode(),
        b"::group::x\r\n",
        b"loss=0.31 ",
        b"\r100%|##| 9/9 [00:01<00:00, 3it/s]\r\n",
    ],
    ids=repr,
)
def test_twice_the_output_is_twice_the_work(unit: bytes) -> None:
    work(unit * 2000)  # patterns are compiled
    once, twice = work(unit * 2000), work(unit * 4000)
    assert twice <= 2.2 * once + 1000


SLOW: list[tuple[str, Callable[[int], str]]] = [
    ("digits", lambda n: "1" * n),
    ("fractions", lambda n: "1/2" * n),
    ("percents", lambda n: "1%" * n),
    ("words", lambda n: "epoch " * n + "1/2"),
    ("brackets", lambda n: "[" * n + "1/2]"),
    ("bars", lambda n: "|#" * n + "% 1/2"),
    ("glyphs", lambda n: "━ " * n + "1% 2/3"),
    ("dots", lambda n: ".py ." * n + "[ 1%]"),
    ("metrics", lambda n: "a_" * n + "loss=0.1"),
    ("spaces", lambda n: "x" + " " * n + "1%"),
    ("commands", lambda n: "::error " + ":" * n),
]


@pytest.mark.parametrize(("name", "line"), SLOW, ids=[name for name, _ in SLOW])
@pytest.mark.timeout(20)
def test_no_line_takes_long(name: str, line: Callable[[int], str]) -> None:
    """A line that took time exponential, or cubic in its length, would never come to its end here."""
    text = line(3000)
    assert isinstance(tasks("\r\n".join(f"{n}{text}{n}" for n in range(20)) + "\r\n"), list)


@pytest.mark.timeout(20)
def test_a_long_blank_is_not_tried_at_each_of_its_lengths() -> None:
    """Half a second for each line, it was."""
    lines = "".join(f"epoch {' ' * 480}[{first}{second} 3/10\n" for first in "abcdefgh" for second in "abcdefgh")
    assert isinstance(reports(lines, cols=0), list)


def test_memory_is_bounded() -> None:
    recogniser = Recogniser(0, 0)
    for n in range(3 * TASKS):
        recogniser.feed(
            f"\rBar {n}:  45%|####      | {n}/10000 [00:01<00:02, 30.0it/s]\r\nloss_{n}: 0.{n}\r\n".encode()
        )
        recogniser.feed(f"::group::{n}\r\n[{n}/9999] x{n}\r\n".encode())
    said = recogniser.reports()
    assert len([report for report in said if report["kind"] == "task"]) <= TASKS
    assert len(said) < 5 * TASKS
    recogniser.feed(b"x" * 10_000_000 + b"\x1b]" + b"y" * 1_000_000)
    assert len(recogniser._screen._rows[-1].text) < 5000
    recogniser.feed(b"\r\n\x1b]9;4;1;50\x07")
    assert [report["percent"] for report in recogniser.reports()] == [50]


def test_a_bar_may_be_renamed_for_ever() -> None:
    """As by `set_description(file)` for each of a million files."""
    recogniser = Recogniser(200, 30)
    for n in range(1000):
        recogniser.feed(f"\rfile {n}:  10%|# | {n}/10000 [00:01<00:09, 9.00it/s]".encode())
    recogniser.end()
    (task,) = recogniser.reports()
    assert (task["label"], task["id"]) == ("file 999", "text:file 0")
    assert len(recogniser._tasks._by_key) == 1


def test_labels_hold_nothing_that_cannot_be_seen() -> None:
    label = "a\u202eb\x85c\u200bd" + "e" * 300
    (task,) = merged(reports(f"\r{label}: 45%|####  | 9/20 [00:01<00:02, 3it/s]", cols=0))
    assert task["label"] == "abcd" + "e" * 196
