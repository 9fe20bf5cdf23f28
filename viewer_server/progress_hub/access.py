"""Who may talk to the hub: by way of a browser, the Host and Origin headers; and whoever finds a seat."""

from __future__ import annotations

import ipaddress
import socket
from typing import Any
from urllib.parse import urlsplit

from progress_hub.concurrency import WSGIApp
from progress_hub.gate import Gate
from progress_hub.settings import Settings

_LOOPBACK_NAMES = ("localhost", "ip6-localhost")
SOCKET_IO = "/socket.io/"
NO_SEAT = "Too many viewers are connected to this hub, or from your address; try again later."
LINK_FULL = "Too many viewers are connected by this link; try again later."
TOO_MANY_PUBLISHERS = "Too many publishers are connected from your address; try again later."
WRONG_HOST = "This hub doesn't answer to that host name. Its setting allowed_hosts lists further ones."
WRONG_ORIGIN = "Pages of that site may not ask this hub. Its setting allowed_origins lists those that may."


def only_known_hosts(app: WSGIApp, settings: Settings) -> WSGIApp:
    """Refuse requests for a Host that isn't this hub: a foreign site's name, made to point here (DNS rebinding).

    Such a name is never an address, so those are answered to.
    """
    own = (*_LOOPBACK_NAMES, settings.host, socket.gethostname(), *settings.allowed_hosts)
    known = {name.lower().rstrip(".") for name in own}

    def wrapped(environ: dict[str, Any], start_response: Any) -> Any:
        name = host_name(environ.get("HTTP_HOST", ""))
        if name in known or _is_address(name):
            return app(environ, start_response)
        return _refuse("421 Misdirected Request", WRONG_HOST, start_response)

    return wrapped


def only_known_origins(app: WSGIApp, settings: Settings) -> WSGIApp:
    """Refuse requests that a browser makes for pages of other sites."""

    def wrapped(environ: dict[str, Any], start_response: Any) -> Any:
        if is_allowed_origin(settings, environ.get("HTTP_ORIGIN"), environ):
            return app(environ, start_response)
        return _refuse("403 Forbidden", WRONG_ORIGIN, start_response)

    return wrapped


def only_with_a_seat(app: WSGIApp, gate: Gate) -> WSGIApp:
    """Refuse requests of viewers while there is no seat for them. Over Socket.IO it shows later who is a publisher."""

    def wrapped(environ: dict[str, Any], start_response: Any) -> Any:
        if environ.get("PATH_INFO", "").startswith(SOCKET_IO) or gate.seat(environ):
            return app(environ, start_response)
        return _refuse("503 Service Unavailable", NO_SEAT, start_response)

    return wrapped


def is_allowed_origin(settings: Settings, origin: str | None, environ: dict[str, Any]) -> bool:
    """Whether a page from `origin` may ask: pages of the hub itself, and those the settings list; `null` never.

    Behind a proxy with TLS that isn't named, a page of https asks a hub that believes itself to be http.
    """
    if origin is None:
        return True
    if origin == "null":
        return False
    try:
        scheme, host, *_rest = urlsplit(origin)
    except ValueError:
        return False
    own = host.lower() == str(environ.get("HTTP_HOST")).lower() and scheme in ("https", environ["wsgi.url_scheme"])
    return own or origin in settings.allowed_origins


def is_loopback(host: str) -> bool:
    """Whether an address to listen on is reached from this machine alone."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def host_name(host: str) -> str:
    """The name in a Host header, without its port."""
    try:
        return (urlsplit(f"//{host}").hostname or "").lower().rstrip(".")
    except ValueError:
        return ""


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _refuse(status: str, sentence: str, start_response: Any) -> list[bytes]:
    body = f"{sentence}\n".encode()
    start_response(status, [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))])
    return [body]
