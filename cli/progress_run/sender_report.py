"""What a sender tells its recorder: one JSON object a line, `{"state", "message"}`, `{"observer"}` or `{"control"}`."""

from __future__ import annotations

import contextlib
import json
import logging
import os
from collections.abc import Mapping
from typing import Any

LOG_BYTES = 1024 * 1024
"""The most a log may grow to."""

log = logging.getLogger("progress.sender")


class _Log(logging.Handler):
    """Writes to stderr, as far as that takes it: on a full disk it must not change an exit code."""

    def emit(self, record: logging.LogRecord) -> None:
        with contextlib.suppress(OSError):
            if os.fstat(2).st_size < LOG_BYTES:
                os.write(2, self.format(record).encode(errors="replace") + b"\n")


def start_log() -> None:
    """Log to stderr, which is a file of the run's or of the courier's."""
    form = "%(asctime)s %(name)s %(levelname)s %(message)s"
    logging.basicConfig(level=logging.INFO, format=form, handlers=[_Log()])


class Report:
    """Says each state once, to the recorder and the log."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._last = ("", "")

    def say(self, state: str, message: str = "") -> None:
        """States are connected, unreachable, refused and delivered; the message is a sentence for people."""
        if (state, message) == self._last:
            return
        self._last = (state, message)
        log.info("%s %s", state, message)
        self._write({"state": state, "message": message})

    def observer(self, stage: str) -> None:
        """Of observing the job: it is `watching`, or `finished` with the last of its reports sent."""
        self._write({"observer": stage})

    def control(self, asked: Mapping[str, str]) -> None:
        """A viewer asks something of the job: `id`, `do`, `by`, and maybe `signal` and `data`."""
        self._write({"control": asked})

    def _write(self, said: dict[str, Any]) -> None:
        try:
            os.write(self._fd, json.dumps(said).encode() + b"\n")
        except OSError:
            return  # the recorder has gone; it is all in the log
