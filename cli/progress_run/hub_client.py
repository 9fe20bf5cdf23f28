"""What commands ask a hub over HTTP; nothing here is loaded before a job."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlsplit

from progress_run.errors import CONFIG, UNAVAILABLE, Failure

ANSWER_SECONDS = 20.0
ANSWER_BYTES = 1024 * 1024


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A key is for the hub it was meant for, and for nobody that one may point to."""

    def redirect_request(self, *_: Any) -> None:
        """Don't."""


class Refused(Exception):
    """The hub has answered with another status than 2xx, and a sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence


def ask(method: str, hub: str, path: str, key: str = "", body: Any = None) -> Any:
    """What a hub answers in JSON, None where that is nothing; raises `Refused`, or `Failure` where nobody answers."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(hub + path, data, method=method)
    if key:
        request.add_unredirected_header("Authorization", f"Bearer {key}")
    try:
        with _opener(hub).open(request, timeout=ANSWER_SECONDS) as reply:
            answer = reply.read(ANSWER_BYTES)
        return json.loads(answer) if answer else None
    except urllib.error.HTTPError as error:
        with error:
            raise Refused(error.code, error.read(ANSWER_BYTES).decode(errors="replace").strip()) from None
    except (OSError, ValueError) as error:
        why = getattr(error, "reason", None) or error
        raise Failure(
            f"the hub at {hub} can't be reached: {why}.", "Start it, or check its address.", UNAVAILABLE
        ) from None


def _opener(hub: str) -> urllib.request.OpenerDirector:
    """A proxy is for the world outside; the hub on this machine is not behind it, and its keys are not for it."""
    is_here = urlsplit(hub).hostname in ("127.0.0.1", "localhost", "::1")
    return urllib.request.build_opener(_NoRedirect, *([urllib.request.ProxyHandler({})] if is_here else []))


def ask_as_owner(method: str, hub: str, path: str, key: str, body: Any = None) -> Any:
    """Likewise, for what takes a key; a refusal is a `Failure`."""
    try:
        return ask(method, hub, path, key, body)
    except Refused as refused:
        raise Failure(
            f"the hub refused: {refused.sentence}", "", CONFIG if refused.status == 401 else UNAVAILABLE
        ) from None
