"""What a sender tells its recorder: one JSON object `{"state", "message"}` a line, and its exit code."""

from __future__ import annotations

import json
import logging
import os

FENCED = 3
"""Exit code of a sender whose run another one has taken over: it is not to be started again."""

log = logging.getLogger("progress.sender")


class Report:
    """Says each state once, to the recorder and the log."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._last = ("", "")

    def say(self, state: str, message: str = "") -> None:
        """States are connected, unreachable, refused, fenced and delivered; the message is a sentence for people."""
        if (state, message) == self._last:
            return
        self._last = (state, message)
        log.info("%s %s", state, message)
        try:
            os.write(self._fd, json.dumps({"state": state, "message": message}).encode() + b"\n")
        except OSError:
            return  # the recorder has gone; it is all in the log
