"""What the page takes for a run of ten million lines, and for a burst of a million while it is watched.

    python -m bench.page [LINES]

Prints each figure beside what is promised; exits 1 if one is missed. A hub, a runner and Chromium, all real.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tempfile
import time
import urllib.error
from pathlib import Path
from typing import Any

from bench.page.store import fill, numbered
from playwright.sync_api import Browser, Page, sync_playwright
from tests.support.browser import QUIETLY, chromium
from tests.support.clients import Publisher
from tests.support.hub import Hub, wait_until
from tests.support.runner import Home

PROBE = (Path(__file__).parent / "probe.js").read_text()
LINE_BYTES = 100
BURST = 1_000_000
JOB = """
import os, sys, time
print("ready", flush=True)
while not os.path.exists({go!r}):
    time.sleep(0.01)
for start in range(1, {count} + 1, 1000):
    sys.stdout.write("".join(f"burst {{n}} loss=0.333\\n" for n in range(start, start + 1000)))
sys.stdout.flush()
open({done!r}, "w").write(str(time.time()))
"""

missed: list[str] = []


def main() -> int:
    """Measure, and print."""
    lines = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium(), args=[*QUIETLY, "--enable-precise-memory-info"]
        )
        with Hub() as hub:
            token = finished_run(hub, lines)
            visit_finished(browser, hub, token, lines)
            watch_burst(browser, hub, Path(folder))
        browser.close()
    return 1 if missed else 0


def finished_run(hub: Hub, lines: int) -> str:
    """The token of a run of so many lines, on a hub that has seen a visitor of it."""
    with Publisher(hub) as publisher:
        publisher.open(meta={"name": "long", "command": ["long"], "started": time.time() - 3600, "pty": False})
        publisher.event({"kind": "exit", "code": 0, "signal": None})
    hub.stop()
    fill(hub.data / "hub.db", publisher.run, numbered(lines, LINE_BYTES))
    hub.start()
    wait_until(
        lambda: json.loads(hub.get(f"/r/{publisher.token}/index"))["size"] == lines * LINE_BYTES, "it is indexed", 600
    )
    token: str = publisher.token
    return token


def visit_finished(browser: Browser, hub: Hub, token: str, lines: int) -> None:
    """The end, the middle, and on."""
    page = visited(browser, hub, token)
    say("last screen painted", painted_since_navigation(page, f"line {lines} "), 600, "ms")
    wait_until(lambda: bool(page.evaluate("progress.whole")), "every line can be reached")
    middle = lines // 2
    say(f"jump to line {middle:,}", page.evaluate(JUMP, middle), 300, "ms")
    say("longest frame of a scroll through 30 000 lines", page.evaluate("probe.scroll(2000, 300)"), 50, "ms")
    for n in range(1, 40):
        page.evaluate(JUMP, n * lines // 40)
    say("memory after 40 jumps (JavaScript's heap and its buffers)", heap(page), 150, "MB")
    page.context.close()


def watch_burst(browser: Browser, hub: Hub, folder: Path) -> None:
    """A job that writes a million lines while somebody looks."""
    home = Home(folder / "home")
    go, done = folder / "go", folder / "done"
    home.environ.update(PROGRESS_HUB=hub.url, PROGRESS_KEY=hub.key, PROGRESS_DRAIN="60")
    code = JOB.format(count=BURST, go=str(go), done=str(done))
    with home.start(sys.executable, "-c", code, stdout=subprocess.DEVNULL) as runner:
        wait_until(lambda: bool(home.runs) and "view_token" in home.only_run.record, "the run is there")
        token = home.only_run.record["view_token"]
        wait_until(lambda: is_known(hub, token), "the hub knows the run")
        page = visited(browser, hub, token)
        page.evaluate("probe.painted('ready')")
        page.evaluate("probe.blocked = 0")
        go.touch()
        last = page.evaluate(f"probe.painted('burst {BURST} ')")
        say(f"last of {BURST:,} lines painted after it was written", last - 1000 * float(done.read_text()), 2000, "ms")
        say("longest time the page was deaf", page.evaluate("probe.blocked"), 100, "ms")
        runner.communicate()
    wait_until(lambda: bool(page.evaluate("progress.whole")), "every line can be reached")
    truth = hashlib.sha256(home.only_run.output).hexdigest()
    say("lines that differ from the truth", float(page.evaluate(f"probe.sha256({BURST + 1})") != truth), 0, "")
    home.clear_away()


def is_known(hub: Hub, token: str) -> bool:
    """Whether the sender has told the hub of the run."""
    try:
        return bool(hub.get(f"/r/{token}/info"))
    except urllib.error.HTTPError:
        return False


JUMP = """async (n) => {
    const began = performance.timeOrigin + performance.now();
    location.hash = `#L${n}`;
    return (await probe.painted(`line ${n} `)) - began;
}"""


def visited(browser: Browser, hub: Hub, token: str) -> Page:
    """The page of a run, as soon as the browser has begun to show it."""
    page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    page.add_init_script(PROBE)
    page.goto(f"{hub.url}/r/{token}", wait_until="commit")
    return page


def painted_since_navigation(page: Page, text: str) -> float:
    """In ms."""
    found: float = page.evaluate("async (text) => (await probe.painted(text)) - performance.timeOrigin", text)
    return found


def heap(page: Page) -> float:
    """What JavaScript takes in all, in MB, when what is let go is collected."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    usage: dict[str, Any] = session.send("Runtime.getHeapUsage")
    return float(usage["usedSize"] + usage.get("backingStorageSize", 0)) / 1e6


def say(what: str, found: float, promised: float, unit: str) -> None:
    """One line of the report."""
    if found > promised:
        missed.append(what)
    print(f"{what}: {found:.0f} {unit} (promised: at most {promised:.0f})", flush=True)


if __name__ == "__main__":
    sys.exit(main())
