"""Recordings of real programs say what their readers would say."""

from pathlib import Path

import pytest
from bench.recognise import fits, matched, right_state
from tests.recognise.replayed import closed, header_and_output, recordings, tasks, truth_of

RECORDINGS = recordings()
JUDGED = [path for path in RECORDINGS if truth_of(path) is not None]
"""The others are there for drawing."""


@pytest.mark.parametrize("path", JUDGED, ids=lambda path: path.stem)
def test_a_recording_is_recognised(path: Path) -> None:
    truth = truth_of(path) or []
    header, output = header_and_output(path)

    found = [closed(task, header["exit"]) for task in tasks(output)]

    wanted = [each for each in truth if not each.get("optional") for _ in range(each.get("count", 1))]
    pairs = matched(wanted, found)
    assert [each for index, each in enumerate(wanted) if index not in pairs] == []
    assert [task for index, task in pairs.items() if not right_state(wanted[index], task)] == []
    others = [task for task in found if task not in pairs.values()]
    assert [task for task in others if not any(fits(each, task) for each in truth if each.get("optional"))] == []


@pytest.mark.parametrize("piece", [7, 61, 1000])
@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.stem)
def test_wherever_the_output_is_cut_the_end_is_the_same(path: Path, piece: int) -> None:
    _, output = header_and_output(path)
    assert tasks(output, piece) == tasks(output)


@pytest.mark.parametrize(
    "path", [path for path in RECORDINGS if path.stat().st_size < 6000], ids=lambda path: path.stem
)
def test_cut_after_each_byte_the_end_is_the_same(path: Path) -> None:
    _, output = header_and_output(path)
    assert tasks(output, 1) == tasks(output)
