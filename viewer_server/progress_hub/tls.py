"""TLS of the hub's own: its certificate."""

from __future__ import annotations

import ssl
from typing import NoReturn


class BadCertificate(ValueError):
    """The certificate or its key can't be used; says why, and what to do."""


def serve_with(context: ssl.SSLContext, certificate: str, key: str) -> ssl.SSLContext:
    """Have a context serve with a certificate chain and its key, two PEM files or one; raises `BadCertificate`."""
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
    context.set_alpn_protocols(["http/1.1"])
    try:
        context.load_cert_chain(certificate, key or None, password=_ask_nobody)
    except ssl.SSLError as error:
        files = f"{certificate} and {key}" if key else certificate
        why = error.reason or "they are no PEM files"
        raise BadCertificate(f"{files} are no certificate and its key ({why}). Name a pair in PEM form.") from None
    except OSError as error:
        where = f"{certificate} or {key}" if key else certificate
        raise BadCertificate(f"{where} can't be read: {error.strerror}. Name files this user may read.") from None
    return context


def _ask_nobody() -> NoReturn:
    raise BadCertificate("The key has a password, and nobody is there to type it. Use one without, mode 0600.")
