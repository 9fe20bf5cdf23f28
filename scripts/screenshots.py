"""Make the README's pictures: the examples under `progress run` with a hub of their own, seen by a real Chromium.

Usage: screenshots.py CHROMIUM (the path of its executable)
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
WORKPLACE = Path(tempfile.gettempdir()) / "demo"
"""Where the jobs run: the page shows their directory, and readers need not see ours."""
ROWS, COLUMNS = 30, 110
SCENE = "epoch 3: loss"
"""The line of the training at which its pictures are taken."""

DRAWN = ".terminal-place[data-at]"
"""Where the job's screen is, once it is drawn."""

DESKTOP = {"viewport": {"width": 1280, "height": 720}, "device_scale_factor": 1.5}
PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "has_touch": True, "is_mobile": True}


def main(chromium: str) -> None:
    """Take the pictures, and leave no process behind."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        environment = {**os.environ, "PROGRESS_HOME": home, "PROGRESS_HUB_DATA": f"{home}/hub"}
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        with demo(environment):
            take_all(browser, environment)
        browser.close()


def take_all(browser: Browser, environment: dict[str, str]) -> None:
    """Every picture, each of a scene of its own."""
    with (
        job(environment, "build.sh") as build,
        job(environment, "dashboard.py", "--seconds", "120") as dashboard,
        job(environment, "train.py", "--seconds", "60") as training,
    ):
        with opened(browser, training, SCENE, **DESKTOP) as page:
            page.get_by_role("button", name="Details").click()
            page.locator("aside canvas").first.wait_for()
            shoot(page, "live.png")
            page.emulate_media(color_scheme="dark")
            shoot(page, "live-dark.png")
            page.get_by_role("slider").press("PageDown")
            page.get_by_role("slider").press("PageDown")
            page.locator(DRAWN).wait_for()
            shoot(page, "replay.png")
        with opened(browser, training, SCENE, **PHONE) as page:
            shoot(page, "phone.png")
        with opened(browser, build, "Error 1", **DESKTOP) as page:
            page.get_by_role("button", name="Details").click()
            page.get_by_text("complete, verified").first.wait_for()
            shoot(page, "failed.png")
        with opened(browser, dashboard, "Show it", **DESKTOP, color_scheme="dark") as page:
            page.get_by_role("button", name="Show it").click()
            page.locator(DRAWN).wait_for()
            page.get_by_text("live", exact=True).wait_for()
            shoot(page, "terminal.png")
        with opened(browser, owners_list(environment), "build.sh", **DESKTOP) as page:
            shoot(page, "list.png")


@contextmanager
def demo(environment: dict[str, str]) -> Iterator[None]:
    """The examples in a folder of their own; in the end their hub is stopped."""
    shutil.copytree(ROOT / "examples", WORKPLACE, dirs_exist_ok=True)
    try:
        yield
    finally:
        shutil.rmtree(WORKPLACE)
        subprocess.run(["progress", "hub", "stop"], env=environment, check=True)


@contextmanager
def job(environment: dict[str, str], *command: str) -> Iterator[str]:
    """One example, running in a terminal; gives the link to it."""
    terminal, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    running = subprocess.Popen(
        ["progress", "run", f"./{command[0]}", *command[1:]],
        cwd=WORKPLACE,
        env={**environment, "TERM": "xterm-256color"},
        stdin=slave,
        stdout=slave,
        stderr=slave,
    )
    os.close(slave)
    try:
        link = read_link(terminal)
        # A terminal that nobody reads holds the job up, and its end.
        threading.Thread(target=drain, args=(terminal,), daemon=True).start()
        yield link
    finally:
        running.terminate()
        running.wait(timeout=10)


def owners_list(environment: dict[str, str]) -> str:
    """Where the list of all runs is, with the key to it."""
    command = ["progress", "hub", "open", "--no-browser"]
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout.strip()


def read_link(terminal: int) -> str:
    """The link that is printed first."""
    seen = b""
    while not (found := re.search(rb"(http://\S+/r/\S+)\s", seen)):
        seen += os.read(terminal, 4096)
    return found[1].decode()


def drain(terminal: int) -> None:
    """Read to the end, so that the job isn't held up."""
    try:
        while os.read(terminal, 65536):
            pass
    except OSError:  # how a PTY says that nobody has it open any more
        return


@contextmanager
def opened(browser: Browser, link: str, words: str, **context: Any) -> Iterator[Page]:
    """A new visitor's page, once some words are there to be read."""
    with browser.new_context(**context) as visit:
        page = visit.new_page()
        page.goto(link)
        page.get_by_text(words).first.wait_for(timeout=90_000)
        yield page


def shoot(page: Page, name: str) -> None:
    """A picture of what is seen, once what was asked for is drawn."""
    page.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
    page.screenshot(path=IMAGES / name)


if __name__ == "__main__":
    main(sys.argv[1])
