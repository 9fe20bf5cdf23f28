"""What does a job pay that is over at once?

    python -m bench.start_up [--rounds N] [--small]

`true` under `progress run --drain 0` and under asciinema; then how soon a job's first instruction comes, beside a
Python that does nothing but import click; then one of a loop of short jobs with a warm hub and the usual drain.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench import peers
from bench.harness import Figures, Row, Scale, alone, interleaved
from bench.shell import at_terminal, environment, leave_nothing
from tests.support.hub import Hub
from tests.support.runner import Home

TIMES = 5
"""Rounds of this for each that is asked for: one takes a moment, and moments differ."""

LIMIT = (
    "Python and click take more than three quarters of the time up to the job's first instruction; the rest is our own "
    "modules (`python -X importtime` shows none above a millisecond), the run directory, the PTY and the monitor's "
    "fork. After it come the sender's start, the last reports and the sender's leave."
)
"""What is left, by profile."""

FIRST = ["date", "+%s.%N"]
"""A job that says when it had its first instructions."""


def measure(scale: Scale) -> list[Row]:
    """Each at a terminal but the first instruction, which is read from a pipe."""
    with tempfile.TemporaryDirectory() as folder, Hub() as hub:
        home = Home(Path(folder))
        return [true(home, scale), first_instruction(home, scale), loop(home, hub, scale)]


def true(home: Home, scale: Scale) -> Row:
    """The whole of `progress run --drain 0 true`."""
    commands = {"no wrapper": ["true"]}
    if script := peers.found("script", "bsdutils"):
        commands["script"] = [str(script), "-qefc", "true", "/dev/null"]
    if not scale.small:
        asciinema = str(peers.pip("asciinema", "2.4.0"))
        commands["asciinema"] = [asciinema, "rec", "-q", "--overwrite", "-c", "true", f"{home.path}.cast"]
    contenders = {name: lambda argv=argv: at_terminal(argv, home.environ) for name, argv in commands.items()}
    samples = interleaved(TIMES * scale.rounds, {"ours": lambda: ours(home, None), **contenders})
    figures = {name: in_ms(each) for name, each in samples.items()}
    us = figures.pop("ours")
    met = us.median <= 0.6 * figures["asciinema"].median if "asciinema" in figures else None
    return Row("`progress run --drain 0 true`", us, figures, "≤0.6 × `asciinema rec`", met, LIMIT)


def first_instruction(home: Home, scale: Scale) -> Row:
    """From the shell's exec to the job's."""
    click = [sys.executable, "-c", "import click"]
    contenders = {
        "ours": lambda: until_said(home, home.argv("--quiet", *FIRST)),
        "no wrapper": lambda: until_said(home, FIRST),
        "python3 -c 'import click'": lambda: whole(click, home.environ),
        "python3 -c pass": lambda: whole([sys.executable, "-c", "pass"], home.environ),
    }
    samples = interleaved(TIMES * scale.rounds, contenders)
    figures = {name: in_ms(each) for name, each in samples.items()}
    us, click_alone = figures.pop("ours"), figures["python3 -c 'import click'"]
    met = us.median <= 1.3 * click_alone.median
    return Row("exec → the job's first instruction", us, figures, "≤1.3 × `python3 -c 'import click'`", met, LIMIT)


def loop(home: Home, hub: Hub, scale: Scale) -> Row:
    """One of a loop of short jobs that all arrive before the next."""
    environ = {**environment(home, hub), "PROGRESS_DRAIN": "2"}
    argv = home.argv("--quiet", "true")
    samples = [at_terminal(argv, environ) for _ in range(TIMES * scale.rounds)]
    leave_nothing(home, hub)
    us = in_ms(samples)
    return Row("one of a loop of `progress run true`, hub warm, usual drain", us, {}, "≤500 ms", us.median <= 500)


def ours(home: Home, hub: Hub | None) -> float:
    """Seconds of a run of `true`, of which nothing is left then."""
    took = at_terminal(home.argv("--quiet", "true"), environment(home, hub))
    leave_nothing(home, hub)
    return took


def until_said(home: Home, argv: Sequence[str]) -> float:
    """Seconds from the command's start to the time that it says."""
    began = time.time()
    done = subprocess.run(argv, env=home.environ, stdin=subprocess.DEVNULL, capture_output=True, check=True)
    home.clear_away()
    return float(done.stdout) - began


def whole(argv: Sequence[str], environ: Mapping[str, str]) -> float:
    """Seconds of a command from its start to its end."""
    began = time.time()
    subprocess.run(argv, env=environ, stdin=subprocess.DEVNULL, capture_output=True, check=True)
    return time.time() - began


def in_ms(seconds: Sequence[float]) -> Figures:
    """Figures of seconds, in ms."""
    return Figures.of([1000 * each for each in seconds], "ms")


if __name__ == "__main__":
    alone(measure)
