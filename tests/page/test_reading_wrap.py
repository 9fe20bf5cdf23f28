"""Lines as long as they are: wrapped or beside the view, opened when there is more, and no place lost by it."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import expect
from tests.support.browser import Open
from tests.support.clients import Publisher
from tests.support.hub import Hub, wait_until
from tests.support.lines import numbered
from tests.support.reader import Reader


def uneven(first: int, last: int) -> bytes:
    """Lines of one to seven rows."""
    return b"".join(b"line %d %s\r\n" % (n, b"and more " * (n * 13 % 70)) for n in range(first, last + 1))


def y_of(reader: Reader, text: str) -> float:
    """Where the row that begins with a text is on the screen, in px from the top."""
    box = reader.rows.filter(has_text=text).first.bounding_box()
    assert box is not None
    return box["y"]


def stands_at(reader: Reader, text: str, y: float) -> None:
    """Wait until that row is there."""
    wait_until(lambda: abs(y_of(reader, text) - y) < 1, f"{text} is {y} px from the top")


def test_wrapping_is_a_key_and_remembered(hub: Hub, publisher: Publisher, visit: Open) -> None:
    publisher.append_all(numbered(1, 3) + b"a long line " * 50 + b"\r\n")
    reader = visit(hub, publisher.token)
    reader.shows("a long line")
    assert reader.log.evaluate("(log) => log.scrollWidth > log.clientWidth")
    for _ in range(2):
        wrapped = reader.log.evaluate("(log) => log.classList.contains('wrapped')")
        if not wrapped:
            reader.press("z")
        wait_until(lambda: reader.log.evaluate("(log) => log.scrollWidth == log.clientWidth"), "nothing is beside")
        reader.page.reload()
        reader.shows("a long line")


def test_the_end_is_followed_whatever_the_rows_take(hub: Hub, publisher: Publisher, visit: Open) -> None:
    publisher.append_all(uneven(1, 100))
    reader = visit(hub, publisher.token)
    reader.press("z")
    for last in (200, 300, 400):
        publisher.append_all(uneven(last - 99, last))
        reader.shows(f"line {last}")
    expect(reader.page.get_by_role("button", name="live")).to_have_count(0)


def test_what_is_read_stays_where_it_is(hub: Hub, publisher: Publisher, visit: Open) -> None:
    publisher.append_all(uneven(1, 500))
    reader = visit(hub, publisher.token)
    reader.reaches(publisher.end)
    reader.press("z")
    reader.page.evaluate("location.hash = '#L250'")
    reader.shows("line 250 ")
    for by in (-170, 330, -250, 90):
        goal = y_of(reader, "line 250 ") - by
        reader.scroll(by)
        stands_at(reader, "line 250 ", goal)
    place = y_of(reader, "line 250 ")
    publisher.append_all(uneven(501, 600))
    expect(reader.page.get_by_role("button", name="live")).to_contain_text("100 new lines")
    assert y_of(reader, "line 250 ") == place


def test_every_row_is_reached_by_the_wheel(hub: Hub, publisher: Publisher, visit: Open) -> None:
    publisher.append_all(uneven(1, 150))
    reader = visit(hub, publisher.token)
    reader.reaches(publisher.end)
    reader.press("z", "g")
    reader.shows("line 1 ")
    seen: set[str] = set()
    while "150" not in seen:
        reader.scroll(300)
        reader.top  # noqa: B018  drawn by now
        seen |= set(reader.page.evaluate("[...document.querySelectorAll('.row')].map((row) => row.dataset.n)"))
    assert seen >= {str(n) for n in range(10, 151)}


def test_a_phone_wraps_by_itself(hub: Hub, publisher: Publisher, visit: Open) -> None:
    publisher.append_all(numbered(1, 50) + b"a long line " * 50 + b"\r\n")
    reader = visit(hub, publisher.token, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    reader.shows("a long line")
    assert reader.log.evaluate("(log) => log.scrollWidth == log.clientWidth")
    expect(reader.log).to_have_css("font-size", "12px")


def swipe(reader: Reader, start: int, end: int) -> None:
    """Draw a finger over the log, from one height to another."""
    hand = reader.context.new_cdp_session(reader.page)
    began = time.time() - 2

    def touch(kind: str, seconds: float, *heights: int) -> None:
        points = [{"x": 200, "y": y} for y in heights]
        hand.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points, "timestamp": began + seconds})

    touch("touchStart", 0, start)
    heights = range(start, end, 10 if end > start else -10)
    for n, y in enumerate(heights):
        touch("touchMove", n / 60, y)
    for seconds in (0.0, 0.2, 0.4):  # it rests before it is lifted, so that nothing is thrown
        touch("touchMove", len(heights) / 60 + seconds, end)
    touch("touchEnd", len(heights) / 60 + 0.5)


def test_a_finger_holds_the_log_and_moves_it(hub: Hub, publisher: Publisher, visit: Open) -> None:
    publisher.append_all(uneven(1, 400))
    reader = visit(hub, publisher.token, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    reader.shows("line 400 ")
    before = y_of(reader, "line 400 ")
    swipe(reader, 300, 550)
    back = reader.page.get_by_role("button", name="live")
    expect(back).to_be_visible()
    place = reader.top
    publisher.append_all(uneven(401, 500))
    expect(back).to_contain_text("100 new lines")
    assert reader.top == place
    assert y_of(reader, "line 400 ") - before == pytest.approx(250, abs=50)  # the browser ignores the first of a touch
    back.tap()
    reader.shows("line 500 ")


def test_a_long_line_opens(hub: Hub, publisher: Publisher, visit: Open) -> None:
    publisher.append_all(b"x" * 10_000 + b"END\r\n" + numbered(2, 4))
    reader = visit(hub, publisher.token)
    reader.shows("line 4")
    more = reader.page.get_by_role("button", name="more characters")
    expect(more).to_have_text("… 5,907 more characters")
    reader.press("z")
    expect(more).to_have_text("… 8,979 more characters")
    more.click()
    expect(more).to_have_count(0)
    expect(reader.rows.first).to_contain_text("END")
