"""Before the view of a run: turns the token in a path into the link that it is, or ends the request."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, after_this_request, request

from progress_hub import links
from progress_hub.entrance import KEY_WANTED, Entrance, KeyWanted, NoLink, Visit
from progress_hub.gate import Gate


class Guard:
    """Stands before every route with `<token>` in it, so that no view can forget to look; its views get `link`.

    But for the page itself, which has nothing of the run in it and is what asks for the key of a private one.
    """

    def __init__(self, entrance: Entrance, gate: Gate) -> None:
        self._entrance = entrance
        self._gate = gate

    def stand(self, blueprint: Blueprint, page: str) -> None:
        """Look at all requests to an application that has the blueprint; `page` is the endpoint of the page."""

        @blueprint.app_url_value_preprocessor
        def look(endpoint: str | None, values: dict[str, Any] | None) -> None:
            if values and "token" in values and endpoint != page:
                values["link"] = self._enter(values.pop("token")).link

    def _enter(self, token: str) -> Visit:
        connection = self._gate.of(request.environ)
        try:
            visit = self._entrance.enter(token, links.bearer(), connection.end if connection else _nobody)
        except NoLink:
            abort(404)
        except KeyWanted:
            links.ask_for_key(f"{KEY_WANTED} Send it as a bearer token; `progress hub key` prints one.")

        @after_this_request
        def leave_with(response: Response) -> Response:
            response.call_on_close(visit.leave)
            return response

        return visit


def _nobody() -> None:
    """There is no connection to end under a server that isn't the hub's own."""
