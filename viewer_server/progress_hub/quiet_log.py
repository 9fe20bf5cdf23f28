"""Logs for what clients cause: bounded, and without their words, which may hold keys."""

from __future__ import annotations

import logging
import os
import time

REPEAT_SECONDS = 60.0


class Quietly(logging.Filter):
    """Lets each kind of message through once a minute, in one line: a client can't fill the log."""

    def __init__(self) -> None:
        super().__init__()
        self._last: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is written; puts where its exception came from in the place of a traceback."""
        now, kind = time.monotonic(), str(record.msg)[:40]
        if now - self._last.get(kind, -REPEAT_SECONDS) < REPEAT_SECONDS:
            return False
        if len(self._last) < 1000:
            self._last[kind] = now
        if record.exc_info and record.exc_info[1]:
            record.msg, record.args = f"{record.msg}: {describe(record.exc_info[1])}", ()
        record.exc_info = None
        return True


def describe(error: BaseException) -> str:
    """What kind of error it is and where it was raised. Its own words may hold what the client sent, keys included."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return type(error).__name__
    return f"{type(error).__name__} in {os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno}"


def quiet_logger(name: str) -> logging.Logger:
    """A logger for engineio and socketio, which write a traceback for each malformed packet."""
    logger = logging.getLogger(f"progress_hub.{name}")
    logger.setLevel(logging.ERROR)
    if not any(isinstance(each, Quietly) for each in logger.filters):
        logger.addFilter(Quietly())
    return logger
