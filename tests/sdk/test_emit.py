"""`progress emit`: shell scripts report, too."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tests.sdk.support import last_metrics, tasks
from tests.sdk.test_outside import REPORT, reports_in
from tests.support.hub import environment
from tests.support.runner import Home, Run
from tests.support.terminal import Terminal

EMIT = [sys.executable, "-m", "progress_run", "emit"]


def script(home: Home, tmp_path: Path, text: str) -> Run:
    """Run a shell script in which `emit` is the command."""
    path = tmp_path / "job.sh"
    path.write_text(f'set -e\nemit() {{ "{EMIT[0]}" -m progress_run emit "$@"; }}\n{text}')
    done = home.run("--quiet", "bash", str(path))
    assert done.returncode == 0, done.stderr
    return home.only_run


def emit(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """The command by itself."""
    command = [*EMIT, *arguments]
    return subprocess.run(command, env={**environment(), **environ}, capture_output=True, text=True, timeout=60)


def test_a_script_reports_what_it_does(home: Home, tmp_path: Path) -> None:
    run = script(
        home,
        tmp_path,
        """
emit --task build --current 3 --total 10 --unit file
emit --task build --current 10 --state done
emit --task copy --label "Copy it" --percent 42
emit --metric loss=0.31 --metric acc=-2e-1 --step 40 --note "hm" --level warning
emit --group "Phase 1"; echo working; emit --end-group "Phase 1"
""",
    )
    done, left = tasks(run)["build"], tasks(run)["Copy it"]
    assert (done["current"], done["total"], done["unit"], done["state"]) == (10, 10, "file", "done")
    assert (left["percent"], left["state"]) == (42, "paused")
    assert last_metrics(run) == {"loss": (0.31, 40), "acc": (-0.2, 40)}
    assert [(note["text"], note["level"]) for note in run.of_kind("note")] == [("hm", "warning")]
    assert [(group["name"], group["open"]) for group in run.of_kind("group")] == [("Phase 1", True), ("Phase 1", False)]


def test_outside_a_run_it_does_nothing_unless_asked_to_fail() -> None:
    quiet, strict = emit("--note", "x"), emit("--note", "x", "--strict")
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, "", "")
    assert (strict.returncode, strict.stderr) == (
        69,
        "progress: nobody listens here. Start the script by `progress run`.\n",
    )


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "Say what to report"),
        (["--current", "3"], "say which by --task"),
        (["--task", "x", "--current", "nan"], "'nan' is not a number"),
        (["--task", "x", "--total", "1e999"], "'1e999' is not a number"),
        (["--task", "x", "--percent", "120"], "120"),
        (["--task", "x", "--state", "asleep"], "asleep"),
        (["--metric", "loss"], "Write it as NAME=VALUE"),
        (["--metric", "loss=low"], "'low' is not a number"),
        (["--task", "x" * 9000], "more than one report may carry"),
    ],
)
def test_what_makes_no_sense_is_said_in_a_sentence(arguments: list[str], told: str, tmp_path: Path) -> None:
    done = emit(*arguments, PROGRESS_OSC="1", PROGRESS_EVENTS="")
    if "carry" in told:  # which is found out where somebody listens
        with Terminal([*EMIT, *arguments], environ={**environment(), "PROGRESS_OSC": "1"}) as terminal:
            assert (terminal.finish(), told.encode() in terminal.output) == (2, True)
        return
    assert done.returncode == 2
    assert told in done.stderr


def test_through_ssh_it_travels_in_the_terminal() -> None:
    command = [*EMIT, "--task", "build", "--current", "1"]
    with Terminal(command, environ={**environment(), "PROGRESS_OSC": "1"}) as terminal:
        assert terminal.finish() == 0
        (report,) = reports_in(terminal.output)
        assert REPORT.sub(b"", terminal.output) == b""
    assert report == {"kind": "task", "id": "build", "label": "build", "source": "job", "current": 1}


def test_it_starts_without_anything_heavy() -> None:
    program = "import sys, progress_run.main, progress_run.commands.emit; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment(), capture_output=True, text=True, check=True
    )
    assert {"socketio", "rich", "platformdirs", "urllib.request", "ssl"}.isdisjoint(done.stdout.split())
