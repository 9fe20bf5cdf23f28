"""The way in to a run: by a link that works and, where the run is private, a hub key beside it; and the way out."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass

from progress_hub.grants import Grants
from progress_hub.keys import Keys
from progress_hub.queries import LinkRecord
from progress_hub.store import Store
from progress_hub.wire import token_sha256
from progress_run.protocol import KEY_KINDS

KEY_WANTED = "This run is private: beside its link it takes a key of this hub."


class NoLink(LookupError):
    """Nothing is shown at this link, be it unknown, expired or revoked."""


class KeyWanted(LookupError):
    """The link works, but its run is private, and no key of the hub came with it."""


@dataclass(frozen=True)
class Visit:
    """Somebody who came in by a link; `leave` has to be called in the end."""

    link: LinkRecord
    leave: Callable[[], None]


class Entrance:
    """Lets viewers in, over HTTP and Socket.IO alike, for as long as what they came by works."""

    def __init__(self, store: Store, keys: Keys, grants: Grants) -> None:
        self._store = store
        self._keys = keys
        self._grants = grants

    def enter(self, token: object, key: object, cut: Callable[[], None]) -> Visit:
        """Let somebody in, who is `cut` when link or key stop working; raises `NoLink` or `KeyWanted`."""
        with ExitStack() as holds:
            hold = self._grants.hold(token_sha256(token), cut)
            holds.callback(hold.release)
            link = self._store.link(hold.credential)
            if link is None:
                raise NoLink
            hold.until = link.expires
            if link.private:
                by_key = self._keys.hold(key, KEY_KINDS, cut)
                if by_key is None:
                    raise KeyWanted
                holds.callback(by_key.release)
            return Visit(link, holds.pop_all().close)
