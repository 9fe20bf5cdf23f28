"""A job's output in an open tab: by `progress run` and a hub, and by peers that show a pipe to a browser."""

from __future__ import annotations

import os
import shlex
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench import peers
from playwright.sync_api import Browser, Page, sync_playwright
from tests.support.browser import QUIETLY, chromium
from tests.support.hub import Hub, environment, wait_until
from tests.support.runner import Home

EYE = (Path(__file__).parent / "watched.js").read_text()
FRONTAIL, RTAIL = "4.9.2", "0.2.1"
SETTLE = 1.5
"""Seconds in which a page that was just opened comes to rest."""

JOB = """
import os, sys, time
print("ready", flush=True)
while not os.path.exists({go!r}):
    time.sleep(0.01)
began = time.time()
{work}
sys.stdout.flush()
ended = time.time()
with open({done!r} + ".new", "w") as file:
    file.write(f"{{began}} {{ended}}")
os.rename({done!r} + ".new", {done!r})
"""


class Watched:
    """A job whose output is shown by `page`; it waits for `run`."""

    def __init__(self, page: Page, folder: Path) -> None:
        self.page = page
        self._folder = folder

    def run(self, seconds: float) -> tuple[float, float]:
        """Let the job work; when its work began and ended, in seconds since 1970."""
        return finished(self._folder, seconds)


def finished(folder: Path, seconds: float = 60) -> tuple[float, float]:
    """Let a job in this folder begin, and wait for its end."""
    (folder / "go").touch()
    wait_until((folder / "done").exists, "the job has ended", seconds)
    began, ended = map(float, (folder / "done").read_text().split())
    return began, ended


def job(folder: Path, work: str) -> list[str]:
    """The command of a job that does `work` once it may."""
    script = folder / "job.py"
    script.write_text(JOB.format(work=work, go=str(folder / "go"), done=str(folder / "done")))
    return [sys.executable, str(script)]


@contextmanager
def browser() -> Iterator[Browser]:
    """Chromium, headless."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium(), args=QUIETLY)
        yield running
        running.close()


@contextmanager
def ours(browser: Browser, hub: Hub, work: str) -> Iterator[Watched]:
    """In a PTY under `progress run`, what the user sees going nowhere."""
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder) / "home")
        home.environ.update(PROGRESS_HUB=hub.url, PROGRESS_KEY=hub.key, PROGRESS_DRAIN="60")
        output = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        with home.start("--pty", *job(Path(folder), work), **output) as runner:
            wait_until(lambda: bool(home.runs) and "view_token" in home.only_run.record, "the run is there")
            token = home.only_run.record["view_token"]
            wait_until(lambda: hub.status(f"/r/{token}/info") == 200, "the hub knows the run")
            with visited(browser, f"{hub.url}/r/{token}") as page:
                yield Watched(page, Path(folder))
            runner.kill()
        home.clear_away()


@contextmanager
def frontail(browser: Browser, work: str) -> Iterator[Watched]:
    """Through a pipe into frontail."""
    port = free_port()
    show = [str(peers.npm("frontail", FRONTAIL)), "--disable-usage-stats", "-h", "127.0.0.1", "-p", str(port), "-"]
    with piped(browser, work, show, f"http://127.0.0.1:{port}/") as watched:
        yield watched


@contextmanager
def rtail(browser: Browser, work: str) -> Iterator[Watched]:
    """Through a pipe into rtail, whose server shows it."""
    web, udp = free_port(), free_port()
    server = [str(peers.npm("rtail", RTAIL, "rtail-server")), "--web-port", str(web), "--udp-port", str(udp)]
    show = [str(peers.npm("rtail", RTAIL)), "--port", str(udp), "--id", "job", "--mute", "--no-parse-date"]
    with started(server), piped(browser, work, show, f"http://127.0.0.1:{web}/#/streams/job") as watched:
        yield watched


@contextmanager
def piped(browser: Browser, work: str, show: list[str], address: str) -> Iterator[Watched]:
    """`job | show`, which is seen at an address."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        pipe = f"{shlex.join(job(Path(folder), work))} | {shlex.join(show)}"
        stack.enter_context(started(["sh", "-c", pipe]))
        wait_until(lambda: answers(address), f"{address} answers")
        yield Watched(stack.enter_context(visited(browser, address)), Path(folder))


@contextmanager
def started(command: list[str]) -> Iterator[None]:
    """A process, ended with all it has started."""
    silent = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(
        command, env={**environment(), "NO_UPDATE_NOTIFIER": "1"}, start_new_session=True, **silent
    )  # type: ignore[call-overload]
    try:
        yield
    finally:
        os.killpg(process.pid, 9)
        process.wait()


@contextmanager
def visited(browser: Browser, address: str) -> Iterator[Page]:
    """A tab with a page that has come to rest."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.add_init_script(EYE)
    page.goto(address)
    time.sleep(SETTLE)
    yield page
    context.close()


def answers(address: str) -> bool:
    """Whether somebody serves there."""
    try:
        with urllib.request.urlopen(address, timeout=1):
            return True
    except (urllib.error.URLError, OSError):
        return False


def free_port() -> int:
    """One that nobody listens on at the moment."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
    return port
