"""Starts our own processes: sender, courier and hub, which outlive us and must hold nothing of the user's."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Collection, Mapping, Sequence

from progress_run.descriptors import close_all_but

STAND_BACK = 10
"""How nice sender and hub are: where the job has work for every processor, each gets about a tenth of one."""


def spawn(
    module: str,
    args: Sequence[str],
    environ: Mapping[str, str],
    *,
    output: int,
    stdin: int | None = None,
    stdout: int | None = None,
    kept: Collection[int] = (),
    nice: int = 0,
) -> int:
    """Start `main` of a module in a session of its own, so that no signal for the job reaches it; its pid.

    Args:
        output: for stderr, and for stdout unless that is named.
        stdin: /dev/null unless named.
        kept: further descriptors that it inherits, under their own numbers.
        nice: by how much it stands back where others want the processors, too.

    Raises:
        OSError: no process can be made.
    """
    null = os.open(os.devnull, os.O_RDWR)
    try:
        for fd in kept:
            os.set_inheritable(fd, True)
        places = (null if stdin is None else stdin, output if stdout is None else stdout, output)
        actions = [(os.POSIX_SPAWN_DUP2, fd, place) for place, fd in enumerate(places)]
        argv = [sys.executable, "-c", start_code(module, kept, nice), *args]
        return os.posix_spawn(sys.executable, argv, environ, file_actions=actions, setsid=True)
    finally:
        os.close(null)


def start_code(module: str, kept: Collection[int] = (), nice: int = 0) -> str:
    """Python that becomes `main` of a module: what lies in the job's directory must not shadow our imports."""
    return (
        "import os, sys; sys.path[:] = filter(None, sys.path);"
        f" from progress_run.spawn import settle; settle({sorted(kept)}, {nice});"
        f" from {module} import main; sys.exit(main())"
    )


def settle(kept: Collection[int], nice: int = 0) -> None:
    """In the new process: hold neither the user's descriptors nor the directory."""
    if nice:
        _stand_back(nice)
    close_all_but({0, 1, 2, *kept})
    os.chdir("/")


def _stand_back(nice: int) -> None:
    """Where each session is scheduled as a group of its own, being nice in it alone would mean nothing to the job's."""
    os.nice(nice)
    with contextlib.suppress(OSError), open("/proc/self/autogroup", "w") as group:
        group.write(str(nice))
