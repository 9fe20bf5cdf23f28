"""What does a job pay that pours out ten million lines into a file?

    python -m bench.piped [--rounds N] [--small]

There is no terminal in it: `progress run seq … > file` beside `seq … | tee copy > file`, both of which write twice.
With `--e2e` what is recorded is read again, encrypted and written once more while the job runs.
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
ENCRYPTED = "ours with a hub, --e2e"
WHAT = "`seq 1 10000000 > file`, {}"


def measure(scale: Scale) -> list[Row]:
    """The job's time, from the command's start to its end."""
    job = f"seq 1 {100_000 if scale.small else 10_000_000}"
    with tempfile.TemporaryDirectory() as folder, Hub() as hub:
        home, file, copy = Home(Path(folder) / "home"), shlex.quote(f"{folder}/file"), shlex.quote(f"{folder}/copy")
        contenders = {
            "ours with a hub": lambda: ours(home, f"{job} > {file}", hub),
            "ours without a hub": lambda: ours(home, f"{job} > {file}", None),
            ENCRYPTED: lambda: ours(home, f"--e2e {job} > {file}", hub),
            "tee": lambda: in_shell(f"{job} | tee {copy} > {file}", os.environ),
            "straight into the file": lambda: in_shell(f"{job} > {file}", os.environ),
            "copied by cat": lambda: in_shell(f"{job} | cat > {file}", os.environ),
        }
        samples = interleaved(scale.rounds, contenders)
    figures = {name: Figures.of(each, "s") for name, each in samples.items()}
    others = {name: each for name, each in figures.items() if not name.startswith("ours")}
    encrypted, tee = figures.pop(ENCRYPTED), others["tee"]
    mine = {name: each for name, each in figures.items() if name not in others}
    return [
        *(
            Row(WHAT.format(name), each, others, "≤2.0 × `tee`", each.median <= BAR * tee.median, LIMIT)
            for name, each in mine.items()
        ),
        Row(WHAT.format(ENCRYPTED), encrypted, {**mine, **others}),
    ]


def ours(home: Home, line: str, hub: Hub | None) -> float:
    """Seconds of one run; then nothing of it is left that could be in anybody's way."""
    took = in_shell(f"{shlex.join(home.argv('--quiet'))} {line}", environment(home, hub))
    leave_nothing(home, hub)
    return took


if __name__ == "__main__":
    alone(measure)
