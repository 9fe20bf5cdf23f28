"""The hub's owner, whose list opens runs by links of its own."""

from __future__ import annotations

import base64
import hashlib
import hmac

WRONG_KEY = "The owner key is wrong; `progress hub key --owner` prints the right one on the hub."


class Owner:
    """Knows the key in the owner's file, and what follows from it."""

    def __init__(self, key: str) -> None:
        self._key = key.encode()

    def token(self, run_id: str) -> str:
        """The token of the list's own link to a run: always the same, and nobody's to guess without the key."""
        digest = hmac.digest(self._key, b"link to run " + run_id.encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
