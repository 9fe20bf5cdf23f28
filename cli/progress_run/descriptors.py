"""Descriptors of a process that goes on by itself: it must hold nothing that others wait for."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Collection


def close_all_but(kept: Collection[int]) -> None:
    """Close every descriptor that is not in `kept`."""
    for name in os.listdir("/dev/fd"):
        if int(name) not in kept:
            with contextlib.suppress(OSError):  # the descriptor that listed the others is closed already
                os.close(int(name))
