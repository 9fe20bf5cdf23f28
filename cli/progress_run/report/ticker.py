"""The one thread a process has for its reports: it works at most ten times a second, and never while it forks."""

from __future__ import annotations

import threading

TYPE_CHECKING = False  # typing itself takes longer to import than all of this
if TYPE_CHECKING:
    from collections.abc import Callable

INTERVAL = 0.1
PATIENCE = 0.1
"""The most seconds that a fork waits for the thread to end."""


class Ticker:
    """Calls `tick` while it returns True, and again after the next `wake`."""

    def __init__(self, tick: Callable[[], bool]) -> None:
        self._tick = tick
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    def wake(self) -> None:
        """There is something to do; costs next to nothing while the thread is awake."""
        if not self._wake.is_set():
            self._wake.set()
        if self._thread is None:
            self._start()

    def _start(self) -> None:
        """Begin to tick, where a thread can be had; else what is sent at once is all there is."""
        if not self._starting.acquire(blocking=False):
            return  # another thread does it, or this one, which a signal's handler has interrupted
        try:
            if self._thread is None:
                thread = threading.Thread(target=self._run, name="progress", daemon=True)
                thread.start()
                self._thread = thread
        except RuntimeError:  # no more threads, or the interpreter is about to end
            pass
        finally:
            self._starting.release()

    def pause(self) -> None:
        """End the thread, until the next `wake`: who forks with threads is warned, and may find locks held for ever."""
        thread, self._thread = self._thread, None
        if thread is not None and thread is not threading.current_thread():
            self._stop.set()
            self._wake.set()
            thread.join(PATIENCE)
            self._stop = threading.Event()

    def _run(self) -> None:
        stop, wake = self._stop, self._wake
        while not stop.is_set():
            wake.wait()
            wake.clear()
            if not stop.is_set() and self._goes_on():
                wake.set()
            stop.wait(INTERVAL)

    def _goes_on(self) -> bool:
        try:
            return self._tick()
        except Exception:  # noqa: BLE001 -- a report never harms the job
            return True
