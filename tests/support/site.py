"""A hub as it is reached from outside: over TLS, or by way of a proxy."""

from __future__ import annotations

import ssl
import subprocess
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from tests.support.hub import START_SECONDS, Hub


class Certificate(NamedTuple):
    """Two PEM files."""

    cert: Path
    key: Path

    def trusted(self) -> ssl.SSLContext:
        """What a client takes that trusts it."""
        return ssl.create_default_context(cafile=str(self.cert))


def make_certificate(folder: Path) -> Certificate:
    """A certificate for this machine that has signed itself."""
    made = Certificate(folder / "cert.pem", folder / "key.pem")
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "2",
    ]
    command += ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    subprocess.run([*command, "-keyout", made.key, "-out", made.cert], check=True, capture_output=True)
    return made


@dataclass
class Site:
    """Where a hub is for its visitors; the clients of tests/support/clients.py take it for a hub."""

    hub: Hub
    url: str
    certificate: Certificate | None = None

    @property
    def key(self) -> str:
        """The hub's publish key."""
        return self.hub.key

    @property
    def owner_key(self) -> str:
        """The hub's owner key."""
        return self.hub.owner_key

    def get(self, path: str, **headers: str) -> bytes:
        """The body at a path of the site; header names are written with underscores."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(self.url + path, headers=named)
        trusted = self.certificate.trusted() if self.certificate else None
        with urllib.request.urlopen(request, timeout=START_SECONDS, context=trusted) as response:
            body: bytes = response.read()
        return body


@dataclass
class KnownHub:
    """A hub that somebody else has started; the clients of tests/support/clients.py take it for a hub."""

    url: str
    key: str
    owner_key: str

    def get(self, path: str) -> bytes:
        """The body at a path of the hub."""
        with urllib.request.urlopen(self.url + path, timeout=START_SECONDS) as response:
            body: bytes = response.read()
        return body
