"""One visitor of a page: what it shows, and what the visitor does."""

from __future__ import annotations

import re
from types import TracebackType
from typing import Any, Protocol

from playwright.sync_api import Browser, ConsoleMessage, Locator, WebSocketRoute, expect
from tests.support.hub import wait_until

ANYWHERE = re.compile(".")
TRIPPED = re.compile("Content Security Policy|Trusted|Uncaught")


class Place(Protocol):
    """Where a hub is: one of ours, or any that is known by its address."""

    @property
    def url(self) -> str: ...


class Reader:
    """A browser context of its own with the page of a run; `lines` is the text of every line it has, seen or not.

    WebSockets can be `blocked`: "closed" at once, or "silent" for ever. What the page says in them can be `spoken`
    otherwise: one text in the place of another. The address ends with the `fragment`; with a `path` it is that of
    another page of the hub.
    """

    def __init__(
        self,
        browser: Browser,
        hub: Place,
        token: str,
        *,
        blocked: str = "",
        spoken: tuple[str, str] | None = None,
        fragment: str = "",
        path: str = "",
        **context: Any,
    ) -> None:
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.url = hub.url + (path or f"/r/{token}")
        self.context = browser.new_context(**{"viewport": {"width": 1000, "height": 600}, **context})
        if blocked == "closed":
            self.context.route_web_socket(ANYWHERE, lambda socket: socket.close())
        elif blocked == "silent":
            self.context.route_web_socket(ANYWHERE, lambda _: None)
        elif spoken:
            self.context.route_web_socket(ANYWHERE, lambda socket: _misquote(socket, *spoken))
        self.page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._heard)
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(self.url + fragment)

    def __enter__(self) -> Reader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.context.close()
        assert not self.complaints

    @property
    def log(self) -> Locator:
        """The region of the log."""
        return self.page.get_by_role("log")

    @property
    def rows(self) -> Locator:
        """The rows that are drawn."""
        return self.log.locator(".row")

    @property
    def lines(self) -> list[str]:
        """The text of all lines."""
        found: list[str] = self.page.evaluate("window.progress.text()")
        return found

    def read(self, first: int, last: int) -> list[str]:
        """The job's own lines from row `first` up to `last`, read if they aren't there yet."""
        found: str = self.page.evaluate(f"window.progress.read({first}, {last})")
        return found.split("\n")

    @property
    def end(self) -> int:
        """The offset up to which output is shown; 0 while the page is not up."""
        return int(self.page.evaluate("window.progress?.end ?? 0"))

    @property
    def whole(self) -> bool:
        """Whether all output from the first byte on is shown."""
        return bool(self.page.evaluate("window.progress?.whole ?? false"))

    @property
    def top(self) -> str:
        """The first row in sight, once what was asked for is drawn: its number and text."""
        found: str = self.page.evaluate(
            """async () => {
                await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
                const log = document.querySelector('[role=log]').getBoundingClientRect();
                const row = document.elementFromPoint(log.left + 2, log.top + 2).closest('.row');
                return `${row.dataset.n} ${row.textContent}`;
            }"""
        )
        return found

    def reaches(self, end: int) -> None:
        """Wait until all output up to an offset is shown, from the first byte on."""
        wait_until(lambda: self.end == end and self.whole, f"the page has all {end} bytes")
        expect(self.log).to_have_attribute("data-end", str(end), timeout=20_000)

    def says(self, words: str) -> None:
        """Wait until some words are there to be read."""
        expect(self.page.get_by_text(words).first).to_be_visible(timeout=20_000)

    def shows(self, text: str) -> None:
        """Wait until a row with that text is in sight."""
        expect(self.rows.filter(has_text=text).first).to_be_in_viewport(timeout=20_000)

    def press(self, *keys: str) -> None:
        """Type keys."""
        for key in keys:
            self.page.keyboard.press(key)

    def scroll(self, by: int) -> None:
        """Turn the wheel over the log, by pixels."""
        self.log.hover()
        self.page.mouse.wheel(0, by)

    def select(self, first: str, last: str) -> None:
        """Select from the row with one text to the end of the row with another, both of which are drawn."""
        for text in (first, last):
            expect(self.rows.filter(has_text=re.compile(f"^{re.escape(text)}$"))).to_have_count(1)
        self.page.evaluate(
            """([first, last]) => {
                const [from, to] = [first, last].map(
                    (text) => [...document.querySelectorAll('.row .text')].find((row) => row.textContent === text));
                getSelection().setBaseAndExtent(from, 0, to, 1);
            }""",
            [first, last],
        )

    def point_at(self, text: str) -> None:
        """Move the pointer to the middle of a row's text."""
        box = self.rows.filter(has_text=text).first.bounding_box()
        number = self.log.locator(".number").first.bounding_box()
        assert box is not None
        assert number is not None
        self.page.mouse.move(number["x"] + number["width"] + 35, box["y"] + box["height"] / 2)

    def _heard(self, message: ConsoleMessage) -> None:
        if TRIPPED.search(message.text):
            self.complaints.append(message.text)


def _misquote(socket: WebSocketRoute, said: str, heard: str) -> None:
    server = socket.connect_to_server()
    socket.on_message(
        lambda message: server.send(message.replace(said, heard) if isinstance(message, str) else message)
    )
