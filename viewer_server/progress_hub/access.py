"""Who may talk to the hub: by way of a browser, the Host and Origin headers; and whoever finds a seat."""

from __future__ import annotations

import ipaddress
from typing import Any
from urllib.parse import urlsplit

from progress_hub.concurrency import WSGIApp
from progress_hub.gate import Gate
from progress_hub.settings import Settings

_LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")
SOCKET_IO = "/socket.io/"
NO_SEAT = "Too many viewers are connected to this hub, or from your address; try again later."


def only_known_hosts(app: WSGIApp, settings: Settings) -> WSGIApp:
    """Refuse requests for a Host that isn't this hub: a foreign site's name, made to point here (DNS rebinding)."""
    if not is_loopback(settings.host) and not settings.allowed_hosts:
        return app
    known = {host.lower() for host in (*_LOOPBACK_NAMES, settings.host, *settings.allowed_hosts)}

    def wrapped(environ: dict[str, Any], start_response: Any) -> Any:
        if host_name(environ.get("HTTP_HOST", "")) in known:
            return app(environ, start_response)
        sentence = b"This hub doesn't answer to that host name. Its setting allowed_hosts lists further ones.\n"
        return _refuse("421 Misdirected Request", sentence, start_response)

    return wrapped


def only_with_a_seat(app: WSGIApp, gate: Gate) -> WSGIApp:
    """Refuse requests of viewers while there is no seat for them. Over Socket.IO it shows later who is a publisher."""

    def wrapped(environ: dict[str, Any], start_response: Any) -> Any:
        if environ.get("PATH_INFO", "").startswith(SOCKET_IO) or gate.seat(environ):
            return app(environ, start_response)
        return _refuse("503 Service Unavailable", NO_SEAT.encode() + b"\n", start_response)

    return wrapped


def is_allowed_origin(settings: Settings, origin: str | None, environ: dict[str, Any]) -> bool:
    """Whether a page from `origin` may connect by Socket.IO: pages of the hub itself, and those the settings list."""
    if origin is None or origin in settings.allowed_origins:
        return True
    try:
        return urlsplit(origin).netloc.lower() == str(environ.get("HTTP_HOST")).lower()
    except ValueError:
        return False


def is_loopback(host: str) -> bool:
    """Whether an address to listen on is reached from this machine alone."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def host_name(host: str) -> str:
    """The name in a Host header, without its port."""
    try:
        return (urlsplit(f"//{host}").hostname or "").lower()
    except ValueError:
        return ""


def _refuse(status: str, sentence: bytes, start_response: Any) -> list[bytes]:
    headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(sentence)))]
    start_response(status, headers)
    return [sentence]
