"""What views have in common: the run that a link leads to, what requests say in their queries, files to keep."""

from __future__ import annotations

import math
from typing import NoReturn

from flask import Response, abort, request

from progress_hub.store import Store
from progress_hub.wire import token_sha256


def find(store: Store, token: str) -> tuple[str, str]:
    """The id of the run that a link leads to, and the role it gives; ends the request with the 404 otherwise."""
    found = store.link(token_sha256(token))
    if found is None:
        abort(404)
    return found


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
