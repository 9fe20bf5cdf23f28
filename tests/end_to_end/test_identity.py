"""Runner, hub and viewer have the same bytes, whatever they are."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from tests.end_to_end.stage import JOBS, Cue, published, sha256
from tests.support.node_viewer import NodeViewer
from tests.support.runner import Home

RECORDINGS = Path(__file__).parents[2].parent / "shared" / "recordings"
SEED = 20261122


def test_the_recordings_are_there() -> None:
    assert list(RECORDINGS.glob("*.cast")), f"The recorded programs belong into {RECORDINGS}; copy them there."


@pytest.mark.parametrize("recording", sorted(RECORDINGS.glob("*.cast")), ids=lambda path: path.stem)
def test_a_recorded_program(connected: Home, cue: Cue, tmp_path: Path, recording: Path) -> None:
    with connected.terminal(str(JOBS / "replay.py"), cue.path, str(recording), rows=30, cols=100) as terminal:
        run = published(connected).on_the_hub()
        with NodeViewer(run.hub.url, run.token, tmp_path) as viewer:
            cue.give()
            assert terminal.finish() == 0
            assert run.run.output == recorded(recording)
            assert sha256(viewer.whole()) == sha256(run.ansi) == sha256(run.run.output)


@pytest.mark.parametrize(("mode", "megabytes"), [("--no-pty", 50), ("--pty", 10)])
def test_random_bytes(connected: Home, cue: Cue, tmp_path: Path, mode: str, megabytes: int) -> None:
    argv = [mode, str(JOBS / "noise.py"), cue.path, str(SEED), str(megabytes)]
    with open(tmp_path / "user", "wb") as user:
        runner = connected.start(*argv, stdout=user)
    run = published(connected).on_the_hub()
    with NodeViewer(run.hub.url, run.token, tmp_path) as viewer:
        cue.give()
        assert runner.wait(60) == 0
        truth = sha256(random.Random(SEED).randbytes(megabytes * 1_000_000))
        assert sha256((tmp_path / "user").read_bytes()) == truth
        assert sha256(viewer.whole()) == sha256(run.ansi) == sha256(run.run.output) == truth


def recorded(recording: Path) -> bytes:
    """What the recorded program wrote."""
    events = [json.loads(line) for line in recording.read_text().splitlines()[1:]]
    return "".join(text for _seconds, kind, text in events if kind == "o").encode()
