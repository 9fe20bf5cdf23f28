"""A run under trouble: a real `progress run` of a job that writes random bytes, a hub, viewers, a proxy between."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import tempfile
import threading
import time
from contextlib import ExitStack, suppress
from contextvars import ContextVar
from pathlib import Path
from types import TracebackType

import psutil
from tests.end_to_end.stage import Cue, at_hub, get, hub_at_a_quiet_port, published
from tests.faults.autopsy import Autopsy
from tests.faults.checker import Death, History
from tests.faults.noise import noise
from tests.faults.proxy import Proxy
from tests.support.hub import Hub, wait_until
from tests.support.node_viewer import NodeViewer
from tests.support.runner import Home

JOB = Path(__file__).with_name("noise.py")
ARRIVAL_SECONDS = 180.0
LOOK_SECONDS = 0.1

ENCRYPTED = ContextVar("ENCRYPTED", default=False)
"""Whether the runs of a scenario are end-to-end encrypted."""


class Stage:
    """`with Stage(seed, size, seconds, viewers) as stage:` … the job is being watched, and writes from `begin` on.

    Attributes:
        chance: what is left to chance, by the seed.
        history: what happened, whole after `finish`.
        sender_memory: the most that a sender of the run was seen to take, in bytes.
        patience: seconds that everything may take to arrive after the job's end.
    """

    def __init__(
        self, seed: int, size: int, seconds: float, viewers: int = 1, *, proxied_viewers: bool = False
    ) -> None:
        self.chance = random.Random(f"stage {seed}")
        self.history = History(noise(seed, size))
        self.sender_memory = 0
        self.patience = ARRIVAL_SECONDS
        self.hub: Hub
        self.proxy: Proxy
        self._job = [str(seed), str(size), str(seconds)]
        self._seed = seed
        self._seconds = seconds
        self._viewer_count = viewers
        self._proxied_viewers = proxied_viewers
        self._watching = threading.Event()

    def __enter__(self) -> Stage:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="faults-")))
            self.hub = stack.enter_context(hub_at_a_quiet_port())
            self.proxy = stack.enter_context(Proxy(self.hub.port, self._seed))
            self._home = at_hub(Home(folder / "home"), self.proxy.url, self.hub.key)
            self._home.environ["PROGRESS_E2E"] = str(int(ENCRYPTED.get()))
            stack.callback(self._home.clear_away)
            self._cue = Cue(folder)
            self._terminal = folder / "terminal"
            with open(self._terminal, "wb") as terminal:
                self._runner = self._home.start(
                    "--quiet", os.fspath(JOB), self._cue.path, *self._job, stdout=terminal, stderr=subprocess.DEVNULL
                )
            stack.callback(self._runner.wait)
            stack.callback(self._runner.kill)
            self.run = published(self._home).on_the_hub()
            url = self.proxy.url if self._proxied_viewers else self.hub.url
            self._viewers = {
                f"viewer {n}": stack.enter_context(NodeViewer(url, self.run.token, folder / f"viewer {n}"))
                for n in range(self._viewer_count)
            }
            self._autopsy = Autopsy(self.hub.data / "hub.db", self.run.run.path.name, self.run.run.given_away)
            stack.callback(self._watching.set)
            threading.Thread(target=self._watch_sender, daemon=True).start()
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def begin(self) -> None:
        """Let the job write."""
        self._cue.give()

    @property
    def job_runs(self) -> bool:
        """The job has not ended yet."""
        return self._runner.poll() is None

    def pause(self, least: float, most: float) -> None:
        """Let some time pass, by chance, but not beyond the job's end."""
        with suppress(subprocess.TimeoutExpired):
            self._runner.wait(self.chance.uniform(least, most))

    def kill_hub(self) -> None:
        """SIGKILL; a look at what it leaves behind; start it again."""
        self.hub.kill()
        self.history.deaths.append(Death(self._acked(), self._autopsy.durable()))
        self.hub.start()

    def kill_sender(self) -> bool:
        """SIGKILL it, if there is one just now."""
        senders = self.run.senders()
        for sender in senders:
            with suppress(psutil.NoSuchProcess):
                sender.send_signal(signal.SIGKILL)
                self.history.deaths.append(Death(self._acked(), self._autopsy.durable()))
        return bool(senders)

    def run_another(self) -> None:
        """The next `progress run` sees to what was left behind."""
        subprocess.run(self._home.argv("true"), env=self._home.environ, stdin=subprocess.DEVNULL, capture_output=True)

    def finish(self) -> History:
        """Wait for the job's end, and until everything has arrived everywhere; then collect the copies."""
        code = self._runner.wait(self._seconds + ARRIVAL_SECONDS)
        assert code == 0, f"the job was harmed: exit code {code}"
        try:
            wait_until(lambda: self.run.complete, "all has arrived at the hub", self.patience)
        except AssertionError as error:
            raise AssertionError(f"{error}; {self._state()}") from None
        copies = self.history.copies
        copies["terminal"] = self._terminal.read_bytes()
        copies["run directory"] = self.run.run.output
        copies["hub"] = self.run.run.opened(get(f"{self.hub.url}/r/{self.run.token}/output"))
        for name, viewer in self._viewers.items():
            copies[name] = self.run.run.opened(viewer.whole())
        return self.history

    def _acked(self) -> int:
        """What the sender knows to be acknowledged, as it leaves it on disk twice a second."""
        with suppress(OSError, ValueError):
            return int(json.loads((self.run.run.path / "delivery.json").read_text())["end"])
        return 0

    def _state(self) -> str:
        log = self.run.run.path / "sender.log"
        return f"acknowledged {self._acked()}, sender.log ends with {log.read_text()[-500:] if log.exists() else ''}"

    def _watch_sender(self) -> None:
        senders: list[psutil.Process] = []
        looked = 0.0
        while not self._watching.wait(LOOK_SECONDS):
            if time.monotonic() - looked > 1.0:  # looking through all processes costs more than the sender itself
                senders, looked = self.run.senders(), time.monotonic()
            for sender in senders:
                with suppress(psutil.Error):
                    self.sender_memory = max(self.sender_memory, sender.memory_info().rss)
