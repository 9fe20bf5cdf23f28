"""What the stories share: a job that waits for its cue, a run that is published, and its copies side by side."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import random
import socket
import urllib.request
from pathlib import Path
from typing import NamedTuple

import psutil
import pytest
from tests.support.hub import Hub, wait_until
from tests.support.runner import Home, Run, command_line

_FORMS = [pytest.param(False, id="plain"), pytest.param(True, id="e2e")]
encrypted_too = pytest.mark.parametrize("home", _FORMS, indirect=True)
"""A test that holds for runs with and without `--e2e`."""

encrypted_at_length = pytest.mark.parametrize("home", _FORMS[: 2 if os.environ.get("E2E") else 1], indirect=True)
"""The same where it takes long: `make faults E2E=1` plays the encrypted form."""

JOBS = Path(__file__).parents[1] / "support" / "jobs"
DELIVERY_SECONDS = 60.0


class Address(NamedTuple):
    """Where a hub is that the test did not start itself."""

    url: str


class Cue:
    """A FIFO at which a job waits before its first line; `path` is its argument."""

    def __init__(self, folder: Path) -> None:
        self.path = os.fspath(folder / "cue")
        os.mkfifo(self.path)

    def give(self) -> None:
        """Let the job begin, once it waits."""
        wait_until(self._opens, "the job waits for its cue")

    def _opens(self) -> bool:
        try:
            os.close(os.open(self.path, os.O_WRONLY | os.O_NONBLOCK))
        except OSError as error:
            if error.errno != errno.ENXIO:
                raise
            return False
        return True


class Published(NamedTuple):
    """A run as its link shows it, beside its directory."""

    run: Run
    hub: Address
    token: str

    @property
    def link(self) -> str:
        """Where the hub has it."""
        return f"{self.hub.url}/r/{self.token}"

    @property
    def printed(self) -> str:
        """What the runner printed: the link, and of an encrypted run the key."""
        return self.link + self.fragment

    @property
    def fragment(self) -> str:
        """What ends the page's address."""
        key = self.run.record.get("key")
        return f"#e2e={key}" if key else ""

    @property
    def copy(self) -> bytes:
        """The hub's copy of the output as it is now, opened if it is encrypted."""
        return self.run.opened(get(self.link + "/output"))

    @property
    def ansi(self) -> bytes:
        """The same as a download, which of an encrypted run only the page makes."""
        return self.copy if "key" in self.run.record else get(self.link + ".ansi")

    @property
    def complete(self) -> bool:
        """The sender has noted that hub and runner agree on size and SHA-256."""
        delivery = self.run.path / "delivery.json"
        return delivery.exists() and b'"complete": true' in delivery.read_bytes()

    def on_the_hub(self) -> Published:
        """Wait until the hub knows it, for which it has to be up."""
        wait_until(lambda: _is_known(self.link), f"{self.link} leads to the run")
        return self

    def arrives(self) -> None:
        """Wait until everything is on the hub."""
        wait_until(lambda: self.complete, f"{self.run.path} is complete on the hub", DELIVERY_SECONDS)

    def grows_to(self, size: int) -> None:
        """Wait until so much output is recorded."""
        wait_until(lambda: (self.run.path / "output.log").stat().st_size >= size, f"{size} bytes of output")

    def senders(self) -> list[psutil.Process]:
        """The processes that deliver it."""
        return [each for each in psutil.process_iter() if os.fspath(self.run.path) in command_line(each)]


def at_hub(home: Home, url: str, key: str) -> Home:
    """The home with its runs published there, and with the settings that a user has otherwise."""
    home.environ.update(PROGRESS_HUB=url, PROGRESS_KEY=key)
    del home.environ["PROGRESS_DRAIN"]
    return home


def embedded(home: Home) -> Home:
    """The home with a hub of its own, started by the first run, and with the settings that a user has otherwise."""
    del home.environ["PROGRESS_HUB"], home.environ["PROGRESS_DRAIN"]
    prefer_port(home, quiet_port())
    return home


def prefer_port(home: Home, port: int) -> None:
    """As if the home's hub had been at this port the last time."""
    (home.path / "hub").mkdir(mode=0o700, parents=True)
    (home.path / "hub" / "hub.json").write_text(json.dumps({"url": f"http://127.0.0.1:{port}"}))


def published(home: Home, nth: int = 0) -> Published:
    """The nth run of a home, as soon as it is known there."""
    wait_until(lambda: len(home.runs) > nth, "the run's meta.json is there")
    run = home.runs[nth]
    record = run.record
    return Published(run, Address(record["hub"]), record["view_token"])


def get(url: str) -> bytes:
    """The body of a page."""
    with urllib.request.urlopen(url, timeout=DELIVERY_SECONDS) as response:
        body: bytes = response.read()
    return body


def sha256(data: bytes) -> str:
    """The digest that copies are compared by."""
    return hashlib.sha256(data).hexdigest()


def quiet_port() -> int:
    """A free port that the kernel gives to nobody by itself, so that a hub finds it free when it is started again."""
    while True:
        with socket.socket() as probe:
            port = random.randint(20_000, 30_000)
            if probe.connect_ex(("127.0.0.1", port)):
                return port


def hub_at_a_quiet_port(mode: str = "eventlet") -> Hub:
    """A hub that is going to be killed and to come back."""
    hub = Hub(mode)
    hub.port = quiet_port()
    return hub


def _is_known(link: str) -> bool:
    try:
        return bool(get(link + "/info"))
    except OSError:
        return False
