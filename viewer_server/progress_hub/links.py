"""What views have in common: the key that came with a request, what its query and its body say, files to keep."""

from __future__ import annotations

import math
from typing import Any, NoReturn

from flask import Response, abort, request

from progress_hub.runs import Runs
from progress_run.shown import shown_text

OWNER_KEY_WANTED = "This takes the hub's owner key as a bearer token; `progress hub key --owner` prints it."
BODY_BYTES = 8192
"""The most that the body of a request may take."""

SEALED = "This run is end-to-end encrypted, and the hub can't read it. Open its whole link in a browser, which can."


def bearer() -> str | None:
    """The key that came with the request as a bearer token, if one did."""
    given = request.authorization
    return given.token if given and given.type == "bearer" else None


def ask_for_key(sentence: str) -> NoReturn:
    """End the request with the 401."""
    headers = {"WWW-Authenticate": "Bearer"}
    abort(Response(f"{sentence}\n", 401, headers, content_type="text/plain; charset=utf-8"))


def body() -> dict[str, Any]:
    """The object of JSON in the request's body."""
    if request.content_length is None or request.content_length > BODY_BYTES:
        abort(400, f"The body has to be an object of JSON of at most {BODY_BYTES} bytes.")
    found = request.get_json(force=True, silent=True)
    if not isinstance(found, dict):
        abort(400, "The body has to be an object of JSON.")
    return found


def text(name: str, value: object) -> str:
    """A short text of a body, made safe to show."""
    if not isinstance(value, str):
        abort(400, f"{name} has to be a text.")
    return shown_text(value)


def readable(runs: Runs, run_id: str) -> str:
    """The run's id, if the hub can read what it is to make something of; ends the request with a 409 otherwise."""
    with runs.held(run_id) as run:
        if run.is_sealed:
            abort(409, SEALED)
    return run_id


def offer(response: Response, name: str) -> None:
    """Have the browser keep an answer as a file with this name, which is ASCII."""
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'


def span(size: int) -> tuple[int, int]:
    """`from` and `to` of the query, within what there is."""
    start, end = number("from"), number("to")
    if start is not None and end is not None and end < start:
        abort(400, f"to={end} lies before from={start}.")
    return min(start or 0, size), size if end is None else min(end, size)


def number(name: str, most: int | None = None) -> int | None:
    """A whole number of the query, if it is there."""
    text = request.args.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 16):
        abort(400, f"{name} has to be a whole number from 0.")
    if most is not None and int(text) > most:
        abort(400, f"{name} has to be {most} at most.")
    return int(text)


def seconds(name: str) -> float:
    """A time of the query."""
    try:
        found = float(request.args[name])
    except (KeyError, ValueError):
        _no_time(name)
    return found if math.isfinite(found) else _no_time(name)


def _no_time(name: str) -> NoReturn:
    abort(400, f"{name} has to be a number of seconds since the run's start.")
