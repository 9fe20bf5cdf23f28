"""What does a job pay for having its secrets masked, where it has none?

    python -m bench.redact [--rounds N] [--small]

`progress run` with the default set beside `progress run --no-redact`, in turn: ten million lines of numbers at a
terminal and into a file; lines of a log into a file, in which there is more to look at; `true`.
"""

from __future__ import annotations

import shlex
import tempfile
from collections.abc import Callable
from pathlib import Path

from bench.harness import Figures, Row, Scale, alone, interleaved
from bench.shell import at_terminal, environment, in_shell, leave_nothing
from tests.support.runner import Home

BAR = 1.05
"""Times of what the job takes with `--no-redact`."""

LIMIT = "the masking looks for a dozen bytes one after the other, and at what is around each of them"

SECRETS = {
    "DEPLOY_TOKEN": "c0rrect-horse-battery",
    "DB_PASSWORD": "St4ple!of-the-night",
    "API_KEY": "0f9e8d7c6b5a49382716",
}
"""As many as a job in CI may have in its environment."""

LINE = "2026-01-01 12:00:00,{n:03d} INFO a_module.sub: request /api/v1/items/{n} took 17 ms (worker-4, a@example.org)\n"


def measure(scale: Scale) -> list[Row]:
    """The job's time, from the command's start to its end; no hub is there."""
    with tempfile.TemporaryDirectory() as folder:
        home, log = Home(Path(folder) / "home"), Path(folder) / "log"
        home.environ.update(SECRETS)
        log.write_text("".join(LINE.format(n=n) for n in range(1000)) * (1 if scale.small else 900))
        seq = ["seq", "1", "100000" if scale.small else "10000000"]
        file = shlex.quote(f"{folder}/file")
        return [
            row(scale, "`seq 1 10000000` at a terminal", lambda option: terminal(home, option, *seq), BAR),
            row(scale, "`seq 1 10000000 > file`", lambda option: piped(home, option, *seq, into=file), BAR),
            row(
                scale, "`cat log > file`, 100 MB", lambda option: piped(home, option, "cat", str(log), into=file), None
            ),
            row(scale, "`true` at a terminal", lambda option: terminal(home, option, "true"), BAR),
        ]


def row(scale: Scale, what: str, job: Callable[[str | None], float], bar: float | None) -> Row:
    """With masking and without it."""
    samples = interleaved(scale.rounds, {"masked": lambda: job(None), "--no-redact": lambda: job("--no-redact")})
    masked, plain = (Figures.of(each, "s") for each in samples.values())
    if bar is None:
        return Row(what, masked, {"--no-redact": plain})
    met = masked.median <= bar * plain.median
    return Row(what, masked, {"--no-redact": plain}, f"≤{bar} × `--no-redact`", met, LIMIT)


def terminal(home: Home, option: str | None, *job: str) -> float:
    """Seconds at a terminal."""
    took = at_terminal(home.argv("--quiet", *filter(None, [option]), *job), environment(home, None))
    leave_nothing(home, None)
    return took


def piped(home: Home, option: str | None, *job: str, into: str) -> float:
    """Seconds with a file as stdout."""
    argv = home.argv("--quiet", *filter(None, [option]), *job)
    took = in_shell(f"{shlex.join(argv)} > {into}", environment(home, None))
    leave_nothing(home, None)
    return took


if __name__ == "__main__":
    alone(measure)
