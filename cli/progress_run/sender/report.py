"""What the sender tells the recorder, one JSON object a line."""

from __future__ import annotations

import json
import logging
import os

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
