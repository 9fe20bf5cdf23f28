"""The example that docs and page people look at says what it claims to."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.sdk.support import last_metrics, tasks
from tests.support.runner import Home

EXAMPLE = Path(__file__).parents[2] / "examples" / "reporting.py"


def test_the_example_reports(home: Home) -> None:
    done = home.run("--quiet", sys.executable, str(EXAMPLE), "0.5")
    run = home.only_run
    assert done.returncode == 0, done.stderr
    assert {label: task["state"] for label, task in tasks(run).items()} == dict.fromkeys(
        ("Download", "Epochs", "Batches"), "done"
    )
    assert tasks(run)["Batches"]["parent"] == tasks(run)["Epochs"]["id"]
    assert last_metrics(run)["accuracy"][1] == 200
    assert [note["level"] for note in run.of_kind("note")] == ["warning"]
    assert [group["open"] for group in run.of_kind("group")] == [True, False]
