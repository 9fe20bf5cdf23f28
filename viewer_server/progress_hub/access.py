"""Who may talk to the hub by way of a browser: checks of the Host and Origin headers."""

from __future__ import annotations

import ipaddress
from typing import Any
from urllib.parse import urlsplit

from progress_hub.concurrency import WSGIApp
from progress_hub.settings import Settings

_LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")


def only_known_hosts(app: WSGIApp, settings: Settings) -> WSGIApp:
    """Refuse requests for a Host that isn't this hub: a foreign site's name, made to point here (DNS rebinding)."""
    if not is_loopback(settings.host) and not settings.allowed_hosts:
        return app
    known = {host.lower() for host in (*_LOOPBACK_NAMES, settings.host, *settings.allowed_hosts)}

    def wrapped(environ: dict[str, Any], start_response: Any) -> Any:
        if host_name(environ.get("HTTP_HOST", "")) in known:
            return app(environ, start_response)
        body = b"This hub doesn't answer to that host name. Its setting allowed_hosts lists further ones.\n"
        headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))]
        start_response("421 Misdirected Request", headers)
        return [body]

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
