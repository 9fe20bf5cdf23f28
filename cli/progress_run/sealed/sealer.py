"""Encrypts what a run's hub gets; the only module that needs a library for that, and only for such runs.

Output has its own layout, see layout.py. An event and the metadata are a JSON text, filled up with spaces to a multiple
of PADDING bytes so that its length says little, and given in base64 as nonce, AES-256-GCM of the text, tag; the
associated data of an event are its number in 8 bytes, of the metadata none.

Each has a key of its own, from the link's by HKDF-SHA256 without salt. Every nonce is 96 random bits: nothing has to be
remembered that a crash, a copied directory or a second sender could make happen twice.
"""

from __future__ import annotations

import base64
import json
import os
import re
from collections.abc import Sequence
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from progress_run.protocol import KEY_PATTERN, Mark
from progress_run.sealed.layout import KEY_BYTES, MARK, NONCE_BYTES, PLACE, SIZES

PADDING = 256
PURPOSE = "progress-run e2e 1 "
"""What HKDF's `info` begins with; `output`, `events` or `meta` follows."""


class Sealer:
    """Encrypts with the key of one run.

    Raises:
        ValueError: the key is none.
    """

    def __init__(self, key: str) -> None:
        """`key` is 256 bits in URL-safe base64 without padding, as in the link's fragment."""
        if not re.fullmatch(KEY_PATTERN, key):
            raise ValueError(f"a key that is none; {KEY_BYTES} bytes in URL-safe base64 are needed")
        bits = base64.urlsafe_b64decode(key + "=")
        self._output, self._events, self._meta = (_cipher(bits, what) for what in ("output", "events", "meta"))

    def record(self, number: int, at: int, marks: Sequence[Mark], data: bytes) -> bytes:
        """A record of the output from offset `at`, whose first mark is there."""
        sizes = SIZES.pack(len(data), len(marks))
        payload = b"".join(MARK.pack(offset - at, t, fd) for offset, t, fd in marks) + data
        return sizes + _sealed(self._output, payload, PLACE.pack(number, at) + sizes)

    def event(self, event: dict[str, Any]) -> str:
        """The text that stands for an event."""
        return _text(self._events, event, event["seq"].to_bytes(8, "big"))

    def meta(self, meta: Any) -> str:
        """The text that stands for the metadata."""
        return _text(self._meta, meta, b"")


def _cipher(key: bytes, what: str) -> AESGCM:
    return AESGCM(HKDF(SHA256(), KEY_BYTES, salt=None, info=(PURPOSE + what).encode()).derive(key))


def _sealed(cipher: AESGCM, data: bytes, associated: bytes) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, data, associated)


def _text(cipher: AESGCM, what: Any, associated: bytes) -> str:
    text = json.dumps(what, separators=(",", ":")).encode()
    return base64.b64encode(_sealed(cipher, text.ljust(-len(text) % PADDING + len(text)), associated)).decode()
