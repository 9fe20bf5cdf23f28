"""Deletes runs by age or number, where the settings ask for it; runs that the owner keeps are exempt."""

from __future__ import annotations

import logging
import time
from contextlib import suppress

from progress_hub.removal import Removal
from progress_hub.runs import NoRun
from progress_hub.settings import Settings
from progress_hub.store import Store
from progress_hub.wire import Refused

log = logging.getLogger(__name__)

LOOK_SECONDS = 60.0
DAY_SECONDS = 86400.0


class Retention:
    """What the settings `keep_days` and `keep_runs` say, carried out once a minute."""

    def __init__(self, settings: Settings, store: Store, removal: Removal) -> None:
        self._days, self._runs = settings.keep_days, settings.keep_runs
        self._store = store
        self._removal = removal

    @property
    def asked_for(self) -> bool:
        """Whether anything is to be deleted at all."""
        return bool(self._days or self._runs)

    def enforce(self) -> None:
        """Delete what is too old or too many; what still goes on stays until it has ended."""
        heard_before = time.time() - self._days * DAY_SECONDS if self._days else float("-inf")
        for run_id in self._store.outdated(heard_before, self._runs):
            with suppress(NoRun, Refused):
                self._removal.remove(run_id)
                log.info("Run %s was deleted, as keep_days or keep_runs say.", run_id)
