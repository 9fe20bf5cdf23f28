"""Somebody else's programs, at a terminal: what their users see is what the hub has."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tests.end_to_end.stage import published
from tests.support.runner import Home

PROGRAMS = {
    "ls": ["ls", "--color=always", "-l", "/usr/bin"],
    "this": ["python3", "-m", "this"],
    "rich": [sys.executable, "-m", "rich"],
    "tqdm": [sys.executable, "-c", "import time, tqdm\nfor _ in tqdm.trange(50): time.sleep(0.01)"],
    "git": ["git", "clone", "--progress", "--no-local", "origin", "copy"],
    "stderr": ["sh", "-c", "for i in 1 2 3; do echo out $i; echo err $i >&2; done"],
}


@pytest.mark.parametrize("argv", PROGRAMS.values(), ids=PROGRAMS)
def test_a_program_of_somebody_elses(connected: Home, repository: Path, argv: list[str]) -> None:
    with connected.terminal(*argv, cwd=repository.parent) as terminal:
        assert terminal.finish() == 0
        run = published(connected)
        run.arrives()
        assert run.run.output
        assert run.run.output in terminal.output
        assert run.ansi == run.run.output


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository called origin with one commit."""
    path = tmp_path_factory.mktemp("git") / "origin"
    identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    commit = [*identity, "commit", "--quiet", "--allow-empty", "--message", "first"]
    subprocess.run(["git", "init", "--quiet", str(path)], check=True)
    subprocess.run(["git", "-C", str(path), *commit], check=True)
    return path
