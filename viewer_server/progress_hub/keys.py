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
MOST_KEYS = 200
"""How many that are not revoked a hub has at most."""
NOTED_SECONDS = 60.0
"""How often it is noted that a key is in use."""


class NoKey(LookupError):
    """There is no key with this id, or it is revoked already."""


class Keys:
    """The keys in the hub's two files, and those that its owner has added: a few, kept in memory."""

    def __init__(self, store: Store, grants: Grants, publish_key: str, owner_key: str) -> None:
        files = (("key", "publish", publish_key), ("owner_key", "owner", owner_key))
        self._store = store
        self._grants = grants
        self._lock = threading.Lock()
        self._of_files = {name: KeyRecord(name, name, kind, _sha256(key)) for name, kind, key in files}
        self._keys = {**self._of_files, **{key.id: key for key in store.known_keys()}}
        self._noted = 0.0
        self._used: set[str] = set()

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
                self._used.add(found.id)
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
            if sum(each.revoked is None for each in self._keys.values()) >= MOST_KEYS:
                raise Refused("conflict", f"This hub has {MOST_KEYS} keys, and takes no more; revoke some.")
            self._keys[key.id] = key
        self._commit(key)
        return key, secret

    def revoke(self, key_id: str) -> None:
        """Admit nobody by a key any more, and cut whoever is in by it. Raises `NoKey`, or `Refused`."""
        if key_id in self._of_files:
            raise Refused("conflict", f"This key is the file {key_id}; remove that and start the hub again.")
        with self._lock:
            key = self._keys.get(key_id)
            if key is None or key.revoked is not None:
                raise NoKey(key_id)
            revoked = self._keys[key_id] = replace(key, revoked=time.time())
        self._grants.withdraw(key.sha256)
        self._commit(revoked)

    def tick(self) -> None:
        """Once a second: note now and then which keys were used."""
        if time.monotonic() - self._noted < NOTED_SECONDS:
            return
        self._noted = time.monotonic()
        with self._lock:
            used, self._used = [self._keys[key_id] for key_id in self._used - self._of_files.keys()], set()
        for key in used:
            self._store.submit(_put(key))

    def _commit(self, key: KeyRecord) -> None:
        write = _put(key)
        wait = self._store.awaited(write)
        self._store.submit(write)
        wait()


def _put(key: KeyRecord) -> Write:
    return Write(f"key {key.id}", of_run=False, further=[(PUT_KEY, asdict(key))])


def _sha256(key: object) -> str:
    return hashlib.sha256(key.encode(errors="replace") if isinstance(key, str) else b"").hexdigest()
