"""Opens an end-to-end encrypted run as docs/protocol.md says: written from that, not from what encrypts it."""

from __future__ import annotations

import base64
import json
import struct
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

Mark = tuple[int, float, int]


class Opened(NamedTuple):
    """The output, the marks in it, and the nonces of the records."""

    output: bytes
    marks: list[Mark]
    nonces: list[bytes]


def output(key: str, sealed: bytes) -> Opened:
    """What is in these records; raises InvalidTag where somebody has changed, exchanged or left out one."""
    cipher = _cipher(key, "output")
    data, marks, nonces, place = bytearray(), list[Mark](), list[bytes](), 0
    while place + 6 <= len(sealed):
        size, count = struct.unpack_from(">IH", sealed, place)
        end = place + 18 + 13 * count + size + 16
        if end > len(sealed):
            break  # the rest of it is still to come
        associated = struct.pack(">QQ", len(nonces), len(data)) + sealed[place : place + 6]
        nonces.append(sealed[place + 6 : place + 18])
        payload = cipher.decrypt(nonces[-1], sealed[place + 18 : end], associated)
        marks += [(len(data) + at, t, fd) for at, t, fd in struct.iter_unpack(">IdB", payload[: 13 * count])]
        data += payload[13 * count :]
        place = end
    return Opened(bytes(data), marks, nonces)


def event(key: str, event: dict[str, Any]) -> dict[str, Any]:
    """What an event says."""
    return _opened(_cipher(key, "events"), event["data"], event["seq"].to_bytes(8, "big"))


def meta(key: str, sealed: str) -> dict[str, Any]:
    """What is known of the run."""
    return _opened(_cipher(key, "meta"), sealed, b"")


def _opened(cipher: AESGCM, text: str, associated: bytes) -> dict[str, Any]:
    sealed = base64.b64decode(text)
    found: dict[str, Any] = json.loads(cipher.decrypt(sealed[:12], sealed[12:], associated))
    return found


def _cipher(key: str, what: str) -> AESGCM:
    secret = base64.urlsafe_b64decode(key + "=")
    return AESGCM(HKDF(SHA256(), 32, salt=None, info=f"progress-run e2e 1 {what}".encode()).derive(secret))
