"""HTTP requests of a test, answered whatever the status."""

from __future__ import annotations

import http.client
import json
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from tests.support.clients import sha256
from tests.support.hub import START_SECONDS
from tests.support.reader import Place


class Answer(NamedTuple):
    """What the hub has answered."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


def ask(hub: Place, method: str, path: str, body: Any = None, key: str | None = None) -> Answer:
    """Ask with a body in JSON, and with a key as a bearer token, if there is one."""
    connection = http.client.HTTPConnection(urlsplit(hub.url).netloc, timeout=START_SECONDS)
    headers = {} if key is None else {"Authorization": f"Bearer {key}"}
    connection.request(method, path, None if body is None else json.dumps(body), headers)
    response = connection.getresponse()
    answer = Answer(response.status, _headers(response), response.read())
    connection.close()
    return answer


def _headers(response: http.client.HTTPResponse) -> dict[str, str]:
    """By their names in lower case, since servers differ in that; without the date."""
    return {name.lower(): value for name, value in response.getheaders() if name != "Date"}


def link_id(token: str) -> str:
    """What a link is called by."""
    return sha256(token.encode())[:16]
