"""Wherever a run is shown it is the same run: its page, its tab, the list, the badge and `info` say one thing.

The training takes 30 minutes by its own clock, which its events carry; they are sent as fast as everybody has shown the
last one. So what is held equal is what is told, state and percent, and not what a reader's clock makes of it.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Iterator
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET

from tests.page.test_progress import task
from tests.support.browser import Open
from tests.support.clients import Publisher
from tests.support.hub import Hub, wait_until
from tests.support.reader import Reader

MINUTES = 30
EPOCHS = 5
STEP = 45
"""Seconds of the training between two looks at it."""
META = {"name": "train.py", "pty": True, "cols": 80, "rows": 24}

PAGE = """() => {
    const main = document.querySelector('header [role=progressbar][aria-label=Epochs]');
    const word = document.querySelector('header .word [role=status]');
    return [word?.textContent, main?.getAttribute('aria-valuenow') ?? null];
}"""
ROW = """() => {
    const row = document.querySelector('tbody tr');
    const word = row?.querySelector('.state-cell .word')?.lastChild;
    return [word?.textContent, row?.querySelector('[role=progressbar]')?.getAttribute('aria-valuenow') ?? null];
}"""


class Shown(NamedTuple):
    """What is said of the run: its state, and the percent of its main task rounded down; None where none is said."""

    state: str
    percent: int | None


class Everywhere:
    """All places at which a run is shown."""

    def __init__(self, hub: Hub, token: str, page: Reader, overview: Reader) -> None:
        self._hub = hub
        self._token = token
        self._page = page
        self._overview = overview

    def shows(self, truth: Shown) -> None:
        """Wait until every place shows this; a badge has a percent until the end, a title while the run goes on."""
        badge = truth if truth.state in ("waiting", "running", "lost") else truth._replace(percent=None)
        title = badge if truth.state != "lost" else truth._replace(percent=None)
        expected = {"info": truth, "page": truth, "list": truth, "title": title, "badge": badge}
        found: dict[str, Shown] = {}

        def agree() -> bool:
            found.update(self._look())
            return found == expected

        try:
            wait_until(agree, f"all of it says {truth}")
        except AssertionError:
            assert found == expected

    def _look(self) -> dict[str, Shown]:
        return {
            "info": self._info(),
            "page": _figures(self._page.page.evaluate(PAGE)),
            "list": _figures(self._overview.page.evaluate(ROW)),
            "title": _title(self._page.page.title()),
            "badge": self._badge(),
        }

    def _info(self) -> Shown:
        info = self._hub.info(self._token)
        progress = info["progress"]
        return Shown(info["state"], None if progress is None else math.floor(progress["percent"]))

    def _badge(self) -> Shown:
        picture = ET.fromstring(self._hub.get(f"/r/{self._token}/badge.svg"))
        words = [text.text or "" for text in picture.iter("{http://www.w3.org/2000/svg}text")][-1]
        state, *percent = words.removesuffix(" %").split()
        return Shown(state, int(percent[0]) if percent else None)


def _figures(shown: list[Any]) -> Shown:
    word, percent = shown
    return Shown(str(word).split(" · ")[0], None if percent is None else int(percent))


def _title(title: str) -> Shown:
    """`42 % · train.py` is said of a run that is running; else its state follows its name."""
    running = re.match(r"(\d+) % · ", title)
    return Shown("running", int(running[1])) if running else Shown(title.split(" · ")[1], None)


def training() -> Iterator[tuple[float, list[dict[str, Any]], float]]:
    """Moment by moment: seconds since the start, what has happened, and how far the training is in percent."""
    whole = MINUTES * 60
    for t in range(STEP, whole, STEP):
        done = t / whole * EPOCHS
        epoch, batch = int(done), math.floor(done % 1 * 100)
        epochs = task("Epochs", current=epoch, total=EPOCHS, percent=100 * done / EPOCHS, eta=whole - t)
        if t == whole // 2:
            epochs["state"] = "paused"
        earlier = [task(f"Train {n}", parent="Epochs", percent=100, state="done") for n in range(epoch)][-1:]
        train = task(f"Train {epoch}", parent="Epochs", current=batch, total=100, percent=batch)
        loss = {"kind": "metric", "name": "loss", "value": math.exp(-done), "step": t}
        yield t, [epochs, *earlier, train, loss], 100 * done / EPOCHS


def test_thirty_minutes_of_training_are_the_same_wherever_one_looks(hub: Hub, visit: Open) -> None:
    with Publisher(hub) as publisher:
        publisher.open(meta={**META, "started": time.time()})
        page = visit(hub, publisher.token)
        overview = visit(hub, "", path="/", fragment=f"#key={hub.owner_key}")
        everywhere = Everywhere(hub, publisher.token, page, overview)
        everywhere.shows(Shown("waiting", None))
        publisher.append_all(b"Training a classifier of 5 animals\r\n")
        everywhere.shows(Shown("running", None))

        for t, events, percent in training():
            publisher.append_all(f"{percent:.1f} %: loss={math.exp(-percent / 20):.3f}\r\n".encode())
            publisher.event(*({**event, "t": t} for event in events))
            everywhere.shows(Shown("running", math.floor(percent)))

    everywhere.shows(Shown("lost", math.floor(percent)))  # its machine is out of reach
    with Publisher(hub, publisher.run, token=publisher.token, epoch=2) as again:
        opened = again.open(meta=META)
        again.end, again.events_end = opened["end"], opened["events_end"]
        everywhere.shows(Shown("running", math.floor(percent)))
        done = task("Epochs", current=EPOCHS, total=EPOCHS, percent=100.0, state="done", t=MINUTES * 60 - 1)
        again.event(done, task("Train 4", parent="Epochs", percent=100.0, state="done", t=MINUTES * 60 - 1))
        again.event({"kind": "exit", "code": 0, "signal": None, "t": MINUTES * 60})
        everywhere.shows(Shown("succeeded", 100))
