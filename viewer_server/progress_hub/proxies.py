"""Requests that come by way of a reverse proxy: those that are named are believed what they say of a client."""

from __future__ import annotations

import ipaddress
import re
from typing import Any

from progress_hub.concurrency import WSGIApp
from progress_hub.gate import ADDRESS
from progress_hub.settings import Settings

_FORWARDED = ("FOR", "PROTO", "HOST", "PREFIX")
_PREFIX = re.compile(r"(/[0-9A-Za-z._~-]+)+")


def behind_proxies(app: WSGIApp, settings: Settings) -> WSGIApp:
    """Put a client's own address, scheme, host and the path of the hub in the place of the proxy's.

    X-Forwarded-* from anybody else are as good as not sent. With TLS of the hub's own, the scheme is https anyway.
    """
    proxies = tuple(ipaddress.ip_network(each, strict=False) for each in settings.proxies)

    def is_proxy(address: str) -> bool:
        found = _address(address)
        return found is not None and any(found in network for network in proxies)

    def wrapped(environ: dict[str, Any], start_response: Any) -> Any:
        said = {name: environ.pop(f"HTTP_X_FORWARDED_{name}", "") for name in _FORWARDED}
        environ[ADDRESS] = environ.get("REMOTE_ADDR", "")
        if settings.tls_cert:
            environ["wsgi.url_scheme"] = "https"
        if is_proxy(environ[ADDRESS]):
            _believe(environ, said)
            environ[ADDRESS] = _client(environ[ADDRESS], said["FOR"], is_proxy)
        return app(environ, start_response)

    return wrapped


def _believe(environ: dict[str, Any], said: dict[str, str]) -> None:
    scheme, host, prefix = (_last(said[name]) for name in ("PROTO", "HOST", "PREFIX"))
    if scheme in ("http", "https"):
        environ["wsgi.url_scheme"] = scheme
    if host:
        environ["HTTP_HOST"] = host
    if _PREFIX.fullmatch(prefix.rstrip("/")):
        environ["SCRIPT_NAME"] = prefix.rstrip("/")


def _client(proxy: str, said: str, is_proxy: Any) -> str:
    """The last address that is no proxy's: those before it are what the client itself may have written."""
    for each in reversed(said.split(",")):
        found = _address(each.strip())
        if found is None:
            return proxy
        if not is_proxy(str(found)):
            return str(found)
    return proxy


def _last(said: str) -> str:
    return said.rpartition(",")[2].strip()


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return mapped or found
