"""The headers that every answer of the hub has, whoever gives it: a view, the Socket.IO library, or a refusal."""

from __future__ import annotations

from typing import Any

from progress_hub.concurrency import WSGIApp

NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""The Content-Security-Policy of what is no page."""

ALWAYS = (
    ("Content-Security-Policy", NOTHING),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Robots-Tag", "noindex, nofollow"),
    ("X-Frame-Options", "DENY"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ("Cache-Control", "no-store"),
)
"""A view that needs another value has set it itself."""


def with_headers(app: WSGIApp) -> WSGIApp:
    """Add to each answer what it lacks of `ALWAYS`."""

    def wrapped(environ: dict[str, Any], start_response: Any) -> Any:
        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            given = {name.lower() for name, _value in headers}
            return start_response(
                status, [*headers, *(each for each in ALWAYS if each[0].lower() not in given)], *error
            )

        return app(environ, start)

    return wrapped
