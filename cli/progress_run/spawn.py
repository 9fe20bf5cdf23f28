"""Starts our own processes: sender, courier and hub, which outlive us and must hold nothing of the user's."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Collection, Mapping, Sequence

from progress_run.descriptors import close_all_but

KEY = "PROGRESS_KEY"
"""The environment of a process as it was at its start can be read for as long as it lives: the key isn't in ours."""
KEY_BYTES = 4096
"""What any pipe takes at once; longer ones are no keys."""
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
        environ: the key in it is told through a pipe, and is in the new process's os.environ all the same.
        output: for stderr, and for stdout unless that is named.
        stdin: /dev/null unless named.
        kept: further descriptors that it inherits, under their own numbers.
        nice: by how much it stands back where others want the processors, too.

    Raises:
        OSError: no process can be made.
    """
    null, key = os.open(os.devnull, os.O_RDWR), _letter(environ.get(KEY, ""))
    told = {name: value for name, value in environ.items() if name != KEY}
    try:
        for fd in (*kept, key):
            os.set_inheritable(fd, True)
        places = (null if stdin is None else stdin, output if stdout is None else stdout, output)
        actions = [(os.POSIX_SPAWN_DUP2, fd, place) for place, fd in enumerate(places)]
        argv = [sys.executable, "-c", start_code(module, kept, nice, key), *args]
        return os.posix_spawn(sys.executable, argv, told, file_actions=actions, setsid=True)
    finally:
        os.close(null)
        os.close(key)


def start_code(module: str, kept: Collection[int] = (), nice: int = 0, key: int | None = None) -> str:
    """Python that becomes `main` of a module: what lies in the job's directory must not shadow our imports."""
    return (
        "import os, sys; sys.path[:] = filter(None, sys.path);"
        f" from progress_run.spawn import settle; settle({sorted(kept)}, {nice}, {key});"
        f" from {module} import main; sys.exit(main())"
    )


def settle(kept: Collection[int], nice: int = 0, key: int | None = None) -> None:
    """In the new process: read the key, and hold neither the user's descriptors nor the directory."""
    if key is not None and (secret := os.read(key, KEY_BYTES)):
        os.environ[KEY] = os.fsdecode(secret)
    if nice:
        _stand_back(nice)
    close_all_but({0, 1, 2, *kept})
    os.chdir("/")


def _letter(secret: str) -> int:
    """A descriptor at which whoever inherits it reads a secret, once."""
    reader, writer = os.pipe()
    os.write(writer, os.fsencode(secret)[:KEY_BYTES])
    os.close(writer)
    return reader


def _stand_back(nice: int) -> None:
    """Where each session is scheduled as a group of its own, being nice in it alone would mean nothing to the job's."""
    os.nice(nice)
    with contextlib.suppress(OSError), open("/proc/self/autogroup", "w") as group:
        group.write(str(nice))
