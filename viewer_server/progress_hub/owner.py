"""The hub's owner: whoever has the key. And the links by which the owner's list opens runs."""

from __future__ import annotations

import base64
import hashlib
import hmac

WRONG_KEY = "The owner key is wrong; `progress hub key --owner` prints the right one on the hub."


class Owner:
    """Knows the owner's key, and what follows from it."""

    def __init__(self, key: str) -> None:
        self._key = key.encode()

    def admits(self, key: object) -> bool:
        """Whether this is the key."""
        return isinstance(key, str) and hmac.compare_digest(key.encode(errors="replace"), self._key)

    def token(self, run_id: str) -> str:
        """The token of the list's own link to a run: always the same, and nobody's to guess without the key."""
        digest = hmac.digest(self._key, b"link to run " + run_id.encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
