"""What a hub hands on that viewers ask of the job: whatever it sends, the recorder gets little, and what it knows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from progress_run.protocol import INPUT_BYTES
from progress_run.sender.requests import Requests, read

STOP = {"run": "r", "epoch": 1, "id": "A" * 24, "do": "stop", "by": "owner"}


@pytest.mark.parametrize(
    "hostile",
    [
        {"id": "A" * 21},
        {"id": "A" * 65},
        {"id": "A" * 23 + "\n"},
        {"id": None},
        {"id": ["A" * 24]},
        {"do": "format"},
        {"do": ""},
        {"do": "stop|signal"},
        {"do": ["stop"]},
        {"do": "signal", "signal": "int"},
        {"do": "signal", "signal": "INT;TERM"},
        {"do": "signal", "signal": 9},
        {"do": "type", "data": b"yes"},
        {"do": "type", "data": "x" * (INPUT_BYTES + 1)},
        {"do": "type", "data": "é" * INPUT_BYTES},
        {"by": {"label": "owner"}},
        {"by": "x" * 1_000_000},
    ],
)
def test_what_makes_no_sense_ends_here(hostile: dict[str, Any]) -> None:
    assert read(STOP) == {"id": "A" * 24, "do": "stop", "by": "owner"}
    assert read({**STOP, **hostile}) is None


def test_the_recorder_gets_what_it_needs_and_no_more() -> None:
    asked = read({**STOP, "do": "type", "data": "é" * (INPUT_BYTES // 2), "by": "x" * 4000, "more": ["y"] * 1000})
    assert asked is not None
    assert set(asked) == {"id", "do", "data", "by"}
    assert len(json.dumps(asked)) < 8 * INPUT_BYTES


def test_a_flood_is_kept_from_the_recorder() -> None:
    handed_on: list[Mapping[str, str]] = []
    requests = Requests(handed_on.append)
    for _ in range(10_000):
        requests.take(STOP)
    assert 10 <= len(handed_on) < 100
