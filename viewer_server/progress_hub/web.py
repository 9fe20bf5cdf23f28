"""The hub's blueprint: the page, whether it is healthy, what all answers have in common; and the views of others."""

from __future__ import annotations

import mimetypes
import time
from collections.abc import Callable, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, abort, request, send_from_directory
from werkzeug.exceptions import HTTPException, NotFound, TooManyRequests

from progress_hub.concurrency import Concurrency
from progress_hub.failures import RETRY_SECONDS, TOO_MANY, Failures
from progress_hub.gate import address_of
from progress_hub.headers import NOTHING
from progress_hub.runs import NoRun
from progress_hub.store import Store
from progress_hub.wire import Refused, is_token, token_sha256
from progress_run import __version__
from progress_run.protocol import PROTOCOL

PAGE = Path(__file__).parent / "page"
ASSET_SECONDS = 365 * 86400
ARRIVAL_SECONDS = 3.0
"""How long the page of an unknown run is waited for: a link is printed, and opened, before the hub has its run."""
ARRIVAL_LOOK_SECONDS = 0.1
ARRIVALS = 32
"""How many may be waited for at once: links that lead nowhere must not keep the hub busy."""

STATUS = {"conflict": 409, "unavailable": 503}
"""The status that goes with a refusal."""

CONTENT_SECURITY_POLICY = (
    f"{NOTHING}; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
"""Nothing but the hub's own files and routes, and no text that becomes script anywhere."""


class Web:
    """The page and its parts, and the routes that read a run: all of them take a link, and nothing else."""

    def __init__(
        self, store: Store, failures: Failures, concurrency: Concurrency, *further: Mapping[str, Callable[..., Any]]
    ) -> None:
        """`further` are the views of other modules, by their rules."""
        self._failures = failures
        self._store = store
        self._concurrency = concurrency
        self._expecting = 0
        self.blueprint = Blueprint("web", __name__)
        views: dict[str, Callable[..., Any]] = {
            "/": self.list_page,
            "/healthz": self.health,
            "/assets/<path:name>": self.asset,
            "/r/<token>": self.page,
        }
        for rule, view in chain(views.items(), *(each.items() for each in further)):
            self.blueprint.add_url_rule(rule, view.__name__, view)
        self.blueprint.after_app_request(self._limit_failures)
        self.blueprint.app_errorhandler(HTTPException)(_say)
        self.blueprint.app_errorhandler(Refused)(_refuse)
        self.blueprint.app_errorhandler(NoRun)(lambda _: _say(NotFound()))

    def health(self) -> dict[str, Any]:
        """Who and how the hub is."""
        return {"status": "ok", "progress": "hub", "protocol": PROTOCOL, "version": __version__}

    def page(self, token: str) -> Response:
        """The page, for links that lead to a run."""
        self._expect(token)
        if self._store.link(token_sha256(token)) is None:
            abort(404)
        return self.list_page()

    def list_page(self) -> Response:
        """The page as it is at the address without a run: the list, which asks for the owner's key itself."""
        if not (PAGE / "index.html").is_file():
            abort(503, "The page was not built into this hub; run `make page` in a checkout, or install a release.")
        page = (PAGE / "index.html").read_text("utf-8").replace('"./assets/', f'"{request.root_path}/assets/')
        return Response(page, headers={"Content-Security-Policy": CONTENT_SECURITY_POLICY})

    def asset(self, name: str) -> Response:
        """A part of the page, compressed where that is understood. Its name has a hash of its content: it stays."""
        compressed = request.accept_encodings.quality("gzip") > 0 and (PAGE / "assets" / f"{name}.gz").is_file()
        if not compressed:
            response = send_from_directory(PAGE / "assets", name, max_age=ASSET_SECONDS)
        else:
            kind = mimetypes.guess_type(name)[0]
            response = send_from_directory(PAGE / "assets", f"{name}.gz", mimetype=kind, max_age=ASSET_SECONDS)
            response.content_encoding = "gzip"
        response.vary.add("Accept-Encoding")
        return response

    def _limit_failures(self, response: Response) -> Response:
        """What a view that found a link or a key wrong has answered; it is said more shortly when they are many."""
        wrong = response.status_code == 401 or (response.status_code == 404 and request.path.startswith("/r/"))
        if not wrong or not self._failures.too_many(address_of(request.environ)):
            return response
        answer = _say(TooManyRequests(TOO_MANY))
        answer.headers["Retry-After"] = str(RETRY_SECONDS)
        answer.call_on_close(response.close)  # which others wait for
        return answer

    def _expect(self, token: str) -> None:
        """Wait a moment for the run of a link, unless it can't be one."""
        deadline = time.monotonic() + ARRIVAL_SECONDS
        if self._expecting >= ARRIVALS or not is_token(token):
            return
        self._expecting += 1
        try:
            while self._store.link(token_sha256(token)) is None and time.monotonic() < deadline:
                self._concurrency.sleep(ARRIVAL_LOOK_SECONDS)
        finally:
            self._expecting -= 1


def _refuse(refused: Refused) -> Response:
    """What can't be done at the moment, or as things are."""
    return Response(f"{refused.message}\n", STATUS[refused.code], content_type="text/plain; charset=utf-8")


def _say(error: HTTPException) -> Response:
    """An error as a sentence. The one of 404 is the same for whatever isn't there."""
    if error.response is not None:
        return error.response  # type: ignore[return-value]
    sentence = error.description or ""
    if error.code == 404 and sentence == NotFound.description:
        sentence = "There is nothing here. The link may be mistyped or revoked; ask for a new one."
    response = Response(f"{sentence}\n", error.code, content_type="text/plain; charset=utf-8")
    response.headers.extend({name: value for name, value in error.get_headers() if name == "Allow"})
    return response
