"""What every answer of the hub tells a browser, whoever gives it."""

from __future__ import annotations

import pytest
from tests.hub.test_access import answer
from tests.support.clients import Publisher, new_token
from tests.support.hub import Hub

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
}
ENDINGS = ("", "/info", "/output", "/events", "/metrics.csv", "/badge.svg", ".txt", ".ansi", ".cast", ".html")


def policy(headers: dict[str, str]) -> dict[str, str]:
    """The Content-Security-Policy, by directive."""
    parts = (part.strip().partition(" ") for part in headers["Content-Security-Policy"].split(";"))
    return {name: value for name, _, value in parts}


def test_every_answer_has_them(hub: Hub) -> None:
    with Publisher(hub) as publisher:
        publisher.open()
        publisher.append_all(b"hello\n")
        publisher.event({"kind": "exit", "code": 0, "signal": None})
        publisher.seal(b"hello\n")
        links = [f"/r/{publisher.token}{ending}" for ending in ENDINGS]
        others = ["/", "/healthz", "/nothing", "/api/runs", f"/r/{new_token()}", "/socket.io/?EIO=4&transport=polling"]
        for path in [*links, *others, "/socket.io/?EIO=3"]:
            status, headers, _body = answer(hub, path)
            assert ALWAYS.items() <= headers.items(), path
            assert policy(headers)["frame-ancestors"] == "'none'", path
            assert policy(headers)["default-src"] == "'none'", path
            assert headers["Cache-Control"] == ("no-cache" if path.endswith("badge.svg") else "no-store"), path
            elsewhere = "cross-origin" if path.endswith("badge.svg") else "same-origin"
            assert headers["Cross-Origin-Resource-Policy"] == elsewhere, path
            assert "Set-Cookie" not in headers, path
            assert status in (200, 400, 401, 404), path


@pytest.mark.parametrize(("host", "origin", "status"), [("evil.example", "", 421), ("", "http://evil.example", 403)])
def test_refusals_have_them_too(hub: Hub, host: str, origin: str, status: int) -> None:
    named = {name: value for name, value in (("Host", host), ("Origin", origin)) if value}
    found, headers, body = answer(hub, "/healthz", **named)
    assert found == status
    assert ALWAYS.items() <= headers.items()
    assert body.decode().endswith(".\n")


def test_the_page_may_load_its_own_parts_and_nothing_else(hub: Hub) -> None:
    directives = policy(answer(hub, "/")[1])
    assert directives == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "connect-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "'none'",
    }
