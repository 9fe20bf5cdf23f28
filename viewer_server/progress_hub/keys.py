"""The hub's keys: the one place that knows which there are, and what each admits to."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, replace

from progress_hub.grants import Grants, Hold
from progress_hub.queries import KeyRecord
from progress_hub.store import Store
from progress_hub.wire import Refused
from progress_hub.writer import PUT_KEY, Write
from progress_run.protocol import KeyKind

KEY_BYTES = 32
ID_BYTES = 8
NOTED_SECONDS = 60.0
"""How often it is noted, at most, that a key is in use."""


class NoKey(LookupError):
    """There is no key with this id, or it is revoked already."""


class Keys:
    """The keys in the hub's two files, and those that its owner has added: a few, kept in memory."""

    def __init__(self, store: Store, grants: Grants, publish_key: str, owner_key: str, most: int = 0) -> None:
        """There may be that many which are not revoked; 0 is any number."""
        files = (("key", "publish", publish_key), ("owner_key", "owner", owner_key))
        self._most = most
        self._store = store
        self._grants = grants
        self._lock = threading.Lock()
        self._of_files = {name: KeyRecord(name, name, kind, _sha256(key)) for name, kind, key in files}
        self._keys = {**self._of_files, **{key.id: key for key in store.known_keys()}}
        self._noted = {key.id: key.last_used or 0.0 for key in self._keys.values()}

    def admits(self, kind: KeyKind, given: object) -> bool:
        """Whether it is a key of that kind."""
        return self.find(given, kind) is not None

    def find(self, given: object, *kinds: KeyKind) -> KeyRecord | None:
        """The key that was given, if it is one of these kinds and not revoked. Takes as long whatever was given."""
        digest = _sha256(given)
        with self._lock:
            fitting = [key for key in self._keys.values() if hmac.compare_digest(key.sha256, digest)]
            found = next((key for key in fitting if key.kind in kinds and key.revoked is None), None)
            if found:
                self._keys[found.id] = replace(found, last_used=time.time())
        return found

    def hold(self, given: object, kinds: tuple[KeyKind, ...], cut: Callable[[], None]) -> Hold | None:
        """Like `find`, with `cut` called when the key is revoked, until the hold is released."""
        hold = self._grants.hold(_sha256(given), cut)
        if self.find(given, *kinds):
            return hold
        hold.release()
        return None

    def all(self) -> list[KeyRecord]:
        """All keys, those that are revoked too."""
        with self._lock:
            return list(self._keys.values())

    def add(self, name: str, kind: KeyKind) -> tuple[KeyRecord, str]:
        """A new key, and what it is: said once, as only its SHA-256 is kept. Raises `Refused`."""
        secret = secrets.token_urlsafe(KEY_BYTES)
        key = KeyRecord(secrets.token_hex(ID_BYTES), name, kind, _sha256(secret), time.time())
        with self._lock:
            if 0 < self._most <= sum(each.revoked is None for each in self._keys.values()):
                raise Refused("conflict", f"This hub has {self._most} keys, and takes no more; revoke some.")
            wait = self._put(key)
        wait()
        return key, secret

    def revoke(self, key_id: str) -> None:
        """Admit nobody by a key any more, and cut whoever is in by it. Raises `NoKey`, or `Refused`."""
        if key_id in self._of_files:
            raise Refused("conflict", f"This key is the file {key_id}; remove that and start the hub again.")
        with self._lock:
            key = self._keys.get(key_id)
            if key is None or key.revoked is not None:
                raise NoKey(key_id)
            wait = self._put(replace(key, revoked=time.time()))
        self._grants.withdraw(key.sha256)
        wait()

    def tick(self) -> None:
        """Once a second: note when keys were used, to the minute."""
        with self._lock:
            for key in tuple(self._keys.values()):
                used = key.last_used or 0.0
                if used - self._noted.get(key.id, 0.0) >= NOTED_SECONDS and key.id not in self._of_files:
                    self._noted[key.id] = used
                    self._put(key)

    def _put(self, key: KeyRecord) -> Callable[[], None]:
        """Keep a key as it is now; returns what waits until that is durable.

        The caller has the lock, or what is written last might be what was true before.
        """
        self._keys[key.id] = key
        write = Write(f"key {key.id}", of_run=False, further=[(PUT_KEY, asdict(key))])
        wait = self._store.awaited(write)
        self._store.submit(write)
        return wait


def _sha256(key: object) -> str:
    return hashlib.sha256(key.encode(errors="replace") if isinstance(key, str) else b"").hexdigest()
