"""Commands as a user gives them, at a terminal that somebody reads or in a shell, and the seconds that they take."""

from __future__ import annotations

import fcntl
import os
import shutil
import struct
import subprocess
import termios
import time
import urllib.error
from collections.abc import Mapping, Sequence

from tests.support.hub import Hub, wait_until
from tests.support.runner import NO_HUB, Home

TERMINAL = struct.pack("HHHH", 30, 100, 0, 0)


def at_terminal(argv: Sequence[str], environ: Mapping[str, str]) -> float:
    """Seconds that a command takes at a terminal of its own, whose every byte is read and thrown away."""
    master, slave = os.openpty()
    fcntl.ioctl(master, termios.TIOCSWINSZ, TERMINAL)
    # Another process reads, so that it has a processor where there are two, as a terminal emulator has.
    with subprocess.Popen(["cat"], stdin=master, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL):
        os.close(master)
        began = time.perf_counter()
        with subprocess.Popen(
            ["setsid", "--ctty", "--wait", *argv], stdin=slave, stdout=slave, stderr=slave, env=environ
        ) as command:
            os.close(slave)
            command.wait()
        took = time.perf_counter() - began
    assert command.returncode == 0, f"exit code {command.returncode}: {argv}"
    return took


def into_cat(argv: Sequence[str], environ: Mapping[str, str]) -> float:
    """Seconds that a command takes whose every byte `cat` throws away."""
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as cat:
        began = time.perf_counter()
        subprocess.run(argv, env=environ, stdin=subprocess.DEVNULL, stdout=cat.stdin, check=True)
        return time.perf_counter() - began


def in_shell(line: str, environ: Mapping[str, str]) -> float:
    """Seconds that a shell takes for a line, which reads nothing and whose output goes nowhere."""
    began = time.perf_counter()
    subprocess.run(["sh", "-ec", line], env=environ, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began


def environment(home: Home, hub: Hub | None) -> dict[str, str]:
    """That of a run in this home which publishes to the hub, or to one that isn't there."""
    url, key = (hub.url, hub.key) if hub else (NO_HUB, "")
    return {**home.environ, "PROGRESS_HUB": url, "PROGRESS_KEY": key}


def leave_nothing(home: Home, hub: Hub | None) -> None:
    """Wait until the last run is delivered, where there is a hub, and end what is left of it: the next has its turn."""
    if hub is not None:
        wait_until(lambda: _is_complete(hub, home.runs[-1].record["view_token"]), "it is delivered", 120)
    home.clear_away()
    for run in home.runs:
        shutil.rmtree(run.path)


def _is_complete(hub: Hub, token: str) -> bool:
    try:
        return bool(hub.info(token)["complete"])
    except urllib.error.HTTPError:
        return False  # the run was over before the hub had heard of it
