"""When each line came, how long it was silent, and what has come since the reader left."""

from __future__ import annotations

import itertools
import re

from playwright.sync_api import expect
from tests.support.browser import Open
from tests.support.clients import Publisher
from tests.support.hub import Hub, wait_until
from tests.support.lines import append_at, numbered
from tests.support.reader import Reader

NOON = 1_781_000_000.0


def times(reader: Reader) -> list[str]:
    """What the column says of the rows that are drawn, as far as it is shown."""
    found: list[str] = reader.page.evaluate(
        """[...document.querySelectorAll('.row .time')]
            .map((time) => (time.checkVisibility() ? time.dataset.t : 'hidden'))"""
    )
    return found


def test_times_come_by_a_key(hub: Hub, visit: Open) -> None:
    with Publisher(hub) as publisher:
        publisher.open(meta={"name": "job", "command": ["job"], "started": NOON, "pty": True})
        append_at(publisher, 0.5, b"one\r\n")
        append_at(publisher, 3.75, b"two\r\n")
        append_at(publisher, 3.75, b"three\r\n")
    reader = visit(hub, publisher.token, timezone_id="UTC")
    reader.shows("three")
    assert times(reader) == ["hidden"] * 3
    reader.press("t")
    wait_until(lambda: times(reader) == ["+0:00.500", "+0:03.750", "+0:03.750"], "times since the start")
    reader.press("t")
    wait_until(lambda: times(reader) == ["10:13:20.500", "10:13:23.750", "10:13:23.750"], "times of day")
    reader.press("t")
    wait_until(lambda: times(reader) == ["+0.500", "+3.250", ""], "times since the line before")
    reader.press("t")
    wait_until(lambda: times(reader) == ["hidden"] * 3, "none again")


def test_a_silence_is_said_in_its_place(hub: Hub, publisher: Publisher, visit: Open) -> None:
    append_at(publisher, 1.0, b"before\r\n")
    append_at(publisher, 253.0, b"after\r\n")
    reader = visit(hub, publisher.token)
    reader.shows("silent for 4 min 12 s")
    assert reader.rows.all_inner_texts() == ["before", "silent for 4 min 12 s", "after"]


def test_a_silence_is_asked_for_until_it_is_known(hub: Hub, publisher: Publisher, visit: Open) -> None:
    append_at(publisher, 1.0, b"before\r\n")
    append_at(publisher, 253.0, b"after\r\n")
    reader = visit(hub, publisher.token)
    reader.page.route("**/density?buckets=1", lambda route: route.abort())
    failures = itertools.count(1)
    with reader.page.expect_event("requestfailed", lambda each: "buckets=1" in each.url and next(failures) == 2):
        reader.page.reload()
    reader.page.unroute("**/density?buckets=1")
    reader.shows("silent for 4 min 12 s")


def test_errors_are_tinted_where_they_are_apart(hub: Hub, visit: Open) -> None:
    with Publisher(hub) as publisher:
        publisher.open(meta={"name": "job", "command": ["job"], "started": NOON, "pty": False})
        for fd, data in ((1, b"said\n"), (2, b"complained\n")):
            end = publisher.end + len(data)
            publisher.append(publisher.end, data, t=1.0, marks=[[publisher.end, 1.0, fd]])
            publisher.wait_for(lambda end=end: publisher.end >= end, "an ack")
        reader = visit(hub, publisher.token)
        expect(reader.rows.filter(has_text="complained")).to_have_class(re.compile("stderr"))
        expect(reader.rows.filter(has_text="said")).not_to_have_class(re.compile("stderr"))


def test_a_line_says_what_came_since_one_left(hub: Hub, publisher: Publisher, visit: Open) -> None:
    publisher.append_all(numbered(1, 500))
    reader = visit(hub, publisher.token)
    reader.page.clock.install()
    reader.shows("line 500")
    reader.press("k")
    publisher.append_all(numbered(501, 510))
    expect(reader.page.get_by_role("button", name="live")).to_contain_text("10 new lines")
    reader.page.clock.fast_forward("01:00")
    reader.press("f")
    first_new = reader.rows.filter(has_text="line 501")
    expect(first_new).to_have_attribute("data-above", re.compile(r"^since you left at \d\d:\d\d · 10 new lines$"))
    reader.shows("line 510")


def test_a_tab_that_was_hidden_says_so_too(hub: Hub, publisher: Publisher, visit: Open) -> None:
    publisher.append_all(numbered(1, 20))
    reader = visit(hub, publisher.token)
    reader.page.clock.install()
    reader.shows("line 20")
    turn = """(hidden) => {
        Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden });
        document.dispatchEvent(new Event('visibilitychange'));
    }"""
    reader.page.evaluate(turn, True)
    publisher.append_all(numbered(21, 23))
    reader.reaches(publisher.end)
    reader.page.clock.fast_forward("12:00")
    reader.page.evaluate(turn, False)
    expect(reader.rows.filter(has_text="line 21")).to_have_attribute("data-above", re.compile("· 3 new lines$"))
    reader.shows("line 23")
