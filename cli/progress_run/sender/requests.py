"""What viewers ask of the job, as the hub hands it on: looked at before it goes to the recorder.

The recorder is busy with the job's output, so what is malformed, or more than a hub lets through, ends here.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Mapping
from typing import Any

from progress_run.allowance import Allowance
from progress_run.protocol import (
    CONTROL_ID_PATTERN,
    CONTROLS,
    CONTROLS_AT_ONCE,
    CONTROLS_PER_SECOND,
    INPUT_BYTES,
    LABEL_CHARACTERS,
    SIGNAL_PATTERN,
)

log = logging.getLogger("progress.sender")

LINKS = 4
"""As many links that use all they may at the same time have to do; a hub that hands on more is out of order."""

_ID, _SIGNAL = re.compile(CONTROL_ID_PATTERN), re.compile(SIGNAL_PATTERN)


class Requests:
    """Hands on what makes sense, for as long as it isn't too much."""

    def __init__(self, hand_on: Callable[[Mapping[str, str]], None]) -> None:
        self._hand_on = hand_on
        self._allowance = Allowance(LINKS * CONTROLS_PER_SECOND, LINKS * CONTROLS_AT_ONCE)

    def take(self, message: Mapping[str, Any]) -> None:
        """A `control` of the hub's."""
        asked = read(message)
        if asked is None:
            log.warning("a request to control the job that makes no sense")
        elif self._allowance.take(time.monotonic()):
            self._hand_on(asked)


def read(message: Mapping[str, Any]) -> dict[str, str] | None:
    """What of a `control` the recorder needs, all of it texts of bounded length; None if it makes no sense."""
    names = ("id", "do", "by", "signal", "data")
    asked = {name: message[name] for name in names if name in message}
    if not all(isinstance(value, str) and len(value) <= INPUT_BYTES for value in asked.values()):
        return None
    makes_sense = (
        _ID.fullmatch(asked.get("id", "")),
        asked.get("do") in CONTROLS,
        "signal" not in asked or _SIGNAL.fullmatch(asked["signal"]),
        len(asked.get("data", "").encode(errors="replace")) <= INPUT_BYTES,
    )
    return {**asked, "by": asked.get("by", "")[: 4 * LABEL_CHARACTERS]} if all(makes_sense) else None
