"""The SDK is next to nothing to import."""

from __future__ import annotations

import subprocess
import sys

from tests.support.hub import environment

IMPORT = "from progress_run import track, task, step, metric, note, tqdm"
PROGRAM = f"import sys; before = set(sys.modules); {IMPORT}; print(*sorted(set(sys.modules) - before))"

CHEAP = {"atexit", "contextvars", "_contextvars", "threading", "functools", "collections", "itertools", "operator"}
"""What importing it may cost besides our own few modules: some of the standard library's smallest."""


def added(*flags: str) -> set[str]:
    """The modules that importing the SDK adds to a Python that has just started."""
    command = [
        sys.executable,
        *flags,
        "-c",
        f"import sys; sys.path[:0] = {environment()['PYTHONPATH'].split(':')}; {PROGRAM}",
    ]
    return set(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())


def test_it_imports_hardly_more_than_itself() -> None:
    modules = added("-S", "-E")
    ours = {name for name in modules if name.split(".")[0] == "progress_run"}
    theirs = {name.split(".")[0] for name in modules - ours}
    assert len(ours) <= 12
    assert theirs.isdisjoint({"typing", "re", "json", "socket", "enum", "dataclasses", "selectors", "click", "inspect"})
    assert len(modules - ours) <= 25, modules - ours


def test_the_command_does_without_it() -> None:
    program = "import sys, progress_run.main; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment(), capture_output=True, text=True, check=True
    )
    assert "progress_run.report.task" not in done.stdout.split()
