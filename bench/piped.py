"""What does a job pay that pours out ten million lines into a file?

    python -m bench.piped [--rounds N] [--small]

There is no terminal in it: `progress run seq … > file` beside `seq … | tee copy > file`, both of which write twice.
"""

from __future__ import annotations

import os
import shlex
import tempfile
from pathlib import Path

from bench.harness import Figures, Row, Scale, alone, interleaved
from bench.shell import environment, in_shell, leave_nothing
from tests.support.hub import Hub
from tests.support.runner import Home

BAR = 2.0
"""Times of what `tee` takes."""
LIMIT = ""


def measure(scale: Scale) -> list[Row]:
    """The job's time, from the command's start to its end."""
    job = f"seq 1 {100_000 if scale.small else 10_000_000}"
    with tempfile.TemporaryDirectory() as folder, Hub() as hub:
        home, file, copy = Home(Path(folder) / "home"), shlex.quote(f"{folder}/file"), shlex.quote(f"{folder}/copy")
        contenders = {
            "ours with a hub": lambda: ours(home, f"{job} > {file}", hub),
            "ours without a hub": lambda: ours(home, f"{job} > {file}", None),
            "tee": lambda: in_shell(f"{job} | tee {copy} > {file}", os.environ),
            "straight into the file": lambda: in_shell(f"{job} > {file}", os.environ),
            "copied by cat": lambda: in_shell(f"{job} | cat > {file}", os.environ),
        }
        samples = interleaved(scale.rounds, contenders)
    figures = {name: Figures.of(each, "s") for name, each in samples.items()}
    others = {name: each for name, each in figures.items() if not name.startswith("ours")}
    return [
        Row(
            f"`seq 1 10000000 > file`, {name}",
            each,
            others,
            "≤2.0 × `tee`",
            each.median <= BAR * others["tee"].median,
            LIMIT,
        )
        for name, each in figures.items()
        if name not in others
    ]


def ours(home: Home, line: str, hub: Hub | None) -> float:
    """Seconds of one run; then nothing of it is left that could be in anybody's way."""
    took = in_shell(f"{shlex.join(home.argv('--quiet'))} {line}", environment(home, hub))
    leave_nothing(home, hub)
    return took


if __name__ == "__main__":
    alone(measure)
