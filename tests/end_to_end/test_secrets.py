"""After all that a session does, links and keys stand where their owner alone may read them, and nowhere else."""

from __future__ import annotations

import contextlib
import json
import os
import stat
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import psutil
import pytest
from tests.end_to_end.stage import JOBS, Cue, Published, embedded, encrypted_too, get, published
from tests.support.clients import ListWatcher, Viewer
from tests.support.hub import wait_until
from tests.support.runner import Home
from tests.support.site import KnownHub

OWNERS_FILES = {"meta.json", "key", "owner_key", "open.html"}
"""What is kept for its owner, mode 0600."""


class Secrets:
    """What must not be found, by what it is."""

    def __init__(self, home: Home) -> None:
        self._home = home

    @property
    def all(self) -> dict[str, str]:
        """Those there are by now."""
        hub = self._home.path / "hub"
        keys = {name: (hub / name).read_text().strip() for name in ("key", "owner_key") if (hub / name).exists()}
        links = {f"{name} of {run.path.name}": run.record[name] for run in self._home.runs
                 for name in ("view_token", "owner_token")}  # fmt: skip
        # As a view link does, the key of an encrypted run belongs to whoever is told where it is watched.
        e2e = {f"view key of {run.path.name}": run.record["key"] for run in self._home.runs if "key" in run.record}
        return {**keys, **links, **e2e}

    def among(self, text: bytes) -> set[str]:
        """Those that are in some bytes."""
        return {name for name, secret in self.all.items() if secret.encode() in text}


def command_lines() -> dict[int, bytes]:
    """Those of every process on the machine, as `ps` shows them."""
    return {int(path.parent.name): said for path in Path("/proc").glob("[0-9]*/cmdline") if (said := read(path))}


def environments(home: Home) -> dict[str, bytes]:
    """Those of every process of this session, by its command line and number."""
    found = {}
    for process in home.processes():
        with contextlib.suppress(psutil.Error):
            found[f"{process.pid}: {' '.join(process.cmdline())}"] = read(Path(f"/proc/{process.pid}/environ"))
    return found


def read(path: Path) -> bytes:
    """What a file has, nothing where it has gone."""
    try:
        return path.read_bytes()
    except OSError:
        return b""


def is_told_where_it_is_watched(environ: bytes, secrets: Secrets) -> set[str]:
    """Secrets in an environment, but for the view link, and its key, that a job is told in the one variable for it."""
    lines = [line for line in environ.split(b"\0") if not line.startswith(b"PROGRESS_RUN_URL=")]
    told = [line for line in environ.split(b"\0") if line.startswith(b"PROGRESS_RUN_URL=")]
    return secrets.among(b"\0".join(lines)) | {name for name in secrets.among(b"".join(told)) if "view" not in name}


@pytest.fixture
def browser(home: Home, tmp_path: Path) -> Path:
    """A browser that stays open, and keeps the address it was started with."""
    program, told = tmp_path / "browser", tmp_path / "told"
    program.write_text(f'#!/bin/sh\necho "$1" >{told}\nexec sleep 60\n')
    program.chmod(0o755)
    home.environ["BROWSER"] = f"{program} %s"
    return told


@encrypted_too
def test_nothing_is_found_in_processes_logs_and_stores(home: Home, cue: Cue, browser: Path) -> None:
    embedded(home)
    secrets = Secrets(home)
    job = ["sh", "-c", 'cat "$1"; echo begun; cat "$1"', "sh", cue.path]
    runner = home.start("--open", *job, stdout=subprocess.DEVNULL)
    run = published(home).on_the_hub()
    wait_until(browser.exists, "the browser is open")
    cue.give()
    run.grows_to(len("begun\n"))
    look_around(home, run, secrets)
    assert {name: found for name, line in command_lines().items() if (found := secrets.among(line))} == {}
    seen = environments(home)
    assert any("progress_run.sender.process" in name for name in seen)
    assert any("progress_hub.__main__" in name for name in seen)
    assert {name: found for name, each in seen.items() if (found := is_told_where_it_is_watched(each, secrets))} == {}
    cue.give()
    assert runner.wait(60) == 0
    run.arrives()
    assert home.sync().returncode == 0
    command = [sys.executable, "-m", "progress_run", "hub", "open", "--no-browser"]
    assert subprocess.run(command, env=home.environ, capture_output=True, timeout=60).returncode == 0
    files = [path for path in home.path.rglob("*") if path.is_file()]
    with_some = [path for path in files if secrets.among(path.read_bytes())]
    assert {path.name for path in with_some} == OWNERS_FILES
    for path in with_some:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    assert {"hub.db", "hub.log", "sender.log"} <= {path.name for path in files}
    assert secrets.among(browser.read_bytes()) == set()


def look_around(home: Home, run: Published, secrets: Secrets) -> None:
    """All that is asked of a hub, by who may and by who may not, in good order and in bad."""
    hub = home.path / "hub"
    place = KnownHub(run.hub.url, (hub / "key").read_text().strip(), (hub / "owner_key").read_text().strip())
    for ending in ("", "/info", "/output", "/events", ".txt?download=1", "/badge.svg", "/nothing", "/output?from=x"):
        with contextlib.suppress(urllib.error.HTTPError):
            get(run.link + ending)
    for secret in secrets.all.values():
        for path in (f"/r/{secret}x/info", f"/{secret}", f"/r/{run.token}/at?t={secret}", f"/socket.io/?EIO={secret}"):
            with contextlib.suppress(urllib.error.HTTPError):
                get(place.url + path)
        ask_badly(place, secret)
    with Viewer(place, run.token) as viewer, ListWatcher(place):
        viewer.call("watch", {"from": run.token})


def ask_badly(place: KnownHub, secret: str) -> None:
    """Join with a secret in each place where it doesn't belong."""
    for client, auth in ((Viewer, secret + "x"), (ListWatcher, secret)):
        with contextlib.suppress(Exception), client(place, auth):
            continue
    request = urllib.request.Request(f"{place.url}/api/runs", headers={"Authorization": f"Basic {secret}"})
    with contextlib.suppress(urllib.error.HTTPError):
        urllib.request.urlopen(request, timeout=20).close()


def test_the_key_of_the_environment_is_handed_on_to_no_process(home: Home, cue: Cue, standing_hub: Any) -> None:
    """Its user has put it there; the processes that we start get it by a pipe."""
    home.environ.update(PROGRESS_HUB=standing_hub.url, PROGRESS_KEY=standing_hub.key)
    del home.environ["PROGRESS_DRAIN"]
    runner = home.start(str(JOBS / "count.py"), cue.path, "50", "1", stdout=subprocess.DEVNULL)
    run = published(home).on_the_hub()
    with_it = {
        int(name.partition(":")[0]) for name, each in environments(home).items() if standing_hub.key.encode() in each
    }
    ours = {runner.pid, *(child.pid for child in psutil.Process(runner.pid).children() if is_fork(child, runner.pid))}
    assert with_it <= ours
    assert [sender for sender in run.senders() if sender.pid not in with_it]
    cue.give()
    assert runner.wait(60) == 0
    run.arrives()


def is_fork(process: psutil.Process, parent: int) -> bool:
    """Whether it is the very program that its parent is: it shares its environment, and was handed nothing."""
    return read(Path(f"/proc/{process.pid}/environ")) == read(Path(f"/proc/{parent}/environ"))


def test_secrets_of_a_hub_are_not_the_jobs(home: Home) -> None:
    ours = {
        "PROGRESS_HUB_KEY": "a key of the hub itself",
        "PROGRESS_HUB_OWNER_KEY": "another one of it",
    }
    result = home.run("env", env={**os.environ, **home.environ, **ours})
    assert result.returncode == 0
    for secret in ours.values():
        assert secret.encode() not in result.stdout
    assert json.loads((home.only_run.path / "meta.json").read_text())["id"]
