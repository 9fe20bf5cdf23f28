"""Make the README's pictures: the example under `progress run` with a hub of its own, seen by a real Chromium.

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

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
WORKPLACE = Path(tempfile.gettempdir()) / "demo"
"""Where the job runs: the page shows its directory, and readers need not see ours."""
ROWS, COLUMNS = 30, 110
SCENE = "epoch 3: loss"
"""The line of the example at which the picture is taken."""


def main(chromium: str) -> None:
    """Take the pictures, and leave no process behind."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home, demo(home) as link, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        take(browser, link, "page.png", width=1120, height=560)
        browser.close()


@contextmanager
def demo(home: str) -> Iterator[str]:
    """The example, running in a terminal with its state in `home`; gives the link to it."""
    environment = {**os.environ, "PROGRESS_HOME": home, "PROGRESS_HUB_DATA": f"{home}/hub"}
    terminal, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    WORKPLACE.mkdir(exist_ok=True)
    shutil.copy(ROOT / "examples" / "train.py", WORKPLACE)
    job = subprocess.Popen(
        ["progress", "run", "train.py"], cwd=WORKPLACE, env=environment, stdin=slave, stdout=slave, stderr=slave
    )
    os.close(slave)
    try:
        link = read_link(terminal)
        # A terminal that nobody reads holds the job up, and its end.
        threading.Thread(target=drain, args=(terminal,), daemon=True).start()
        yield link
    finally:
        job.terminate()
        job.wait(timeout=10)
        shutil.rmtree(WORKPLACE)
        subprocess.run(["progress", "hub", "stop"], env=environment, check=True)


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


def take(browser: Browser, link: str, name: str, *, width: int, height: int) -> None:
    """A picture of the page at the chosen scene, at one and a half times that density."""
    page = browser.new_page(viewport={"width": width, "height": height}, device_scale_factor=1.5)
    page.goto(link)
    page.get_by_text(SCENE).first.wait_for()
    page.screenshot(path=IMAGES / name)
    page.close()


if __name__ == "__main__":
    main(sys.argv[1])
