"""Who is in by what: whoever came by a link or a key has to leave when that is revoked or expires."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(eq=False)
class Hold:
    """One use of a credential, which is known by its SHA-256; `cut` ends it at `until`, in Unix seconds, or before."""

    credential: str
    cut: Callable[[], None]
    grants: Grants
    until: float | None = None

    def release(self) -> None:
        """It is over by itself."""
        self.grants.release(self)


class Grants:
    """All uses of credentials that last.

    Hold first and look afterwards whether the credential is good: then none slips through that is revoked in between.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: dict[str, set[Hold]] = {}

    def hold(self, credential: str, cut: Callable[[], None]) -> Hold:
        """Have `cut` called when the credential is withdrawn, until the hold is released."""
        hold = Hold(credential, cut, self)
        with self._lock:
            self._held.setdefault(credential, set()).add(hold)
        return hold

    def withdraw(self, credential: str) -> None:
        """Cut whoever is in by a credential."""
        with self._lock:
            holds = tuple(self._held.get(credential, ()))
        for hold in holds:
            hold.cut()

    def tick(self) -> None:
        """Once a second: cut whoever is in by what has expired."""
        now = time.time()
        with self._lock:
            held = [hold for holds in self._held.values() for hold in holds]
        for hold in held:
            if hold.until is not None and hold.until <= now:
                hold.cut()

    def release(self, hold: Hold) -> None:
        """Forget one use."""
        with self._lock:
            holds = self._held.get(hold.credential, set())
            holds.discard(hold)
            if not holds:
                self._held.pop(hold.credential, None)
