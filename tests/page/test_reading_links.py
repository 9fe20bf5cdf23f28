"""Links to a place: made from a line's number, opened elsewhere, and never a jump for who makes them."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Route, expect
from tests.support.browser import Open
from tests.support.clients import Publisher
from tests.support.hub import Hub, wait_until
from tests.support.lines import append_at, numbered
from tests.support.reader import Reader

LINKED = re.compile(r"\blinked\b")


def number_of(reader: Reader, line: int) -> Locator:
    """The number of a line, which is a link to it."""
    return reader.log.locator(f'.number[data-n="{line}"]')


def marked(reader: Reader) -> list[str]:
    """The texts of the lines marked, as far as they are drawn."""
    return reader.log.locator(".row.linked").all_inner_texts()


def test_a_link_opens_at_its_lines(hub: Hub, publisher: Publisher, visit: Open) -> None:
    publisher.append_all(numbered(1, 50_000))
    reader = visit(hub, publisher.token, fragment="#L120-L122")
    reader.shows("line 121")
    assert marked(reader) == ["line 120", "line 121", "line 122"]
    publisher.append_all(numbered(50_001, 50_100))
    expect(reader.page.get_by_role("button", name="live")).to_contain_text("new lines")
    reader.shows("line 121")


def test_a_link_waits_for_its_line_to_be_read(hub: Hub, publisher: Publisher, visit: Open) -> None:
    publisher.append_all(numbered(1, 2000))
    reader = visit(hub, publisher.token)
    reader.reaches(publisher.end)
    held: list[Route] = []
    waits = True
    reader.page.route(re.compile("/output"), lambda route: held.append(route) if waits else route.continue_())
    reader.page.goto("about:blank")
    reader.page.goto(f"{reader.url}#L1200")
    reader.says("line 1,200")  # beside the button that copies the link
    waits = False
    for each in held:
        each.continue_()
    reader.shows("line 1200")
    assert marked(reader) == ["line 1200"]


def test_a_link_opens_at_its_moment(hub: Hub, publisher: Publisher, visit: Open) -> None:
    for minute in range(20):
        append_at(publisher, 60.0 * minute, b"minute %d\r\n" % minute + numbered(1, 100))
    reader = visit(hub, publisher.token, fragment="#t=12:30")
    reader.shows("minute 13")
    assert len(marked(reader)) == 1


def test_clicking_numbers_marks_lines_and_moves_nothing(hub: Hub, publisher: Publisher, visit: Open) -> None:
    publisher.append_all(numbered(1, 500))
    reader = visit(hub, publisher.token)
    reader.reaches(publisher.end)
    reader.press("g", "j", "j")
    place = reader.top
    number_of(reader, 7).click()
    assert reader.page.url.endswith("#L7")
    expect(reader.rows.filter(has_text=re.compile("^line 7$"))).to_have_class(LINKED)
    number_of(reader, 4).click(modifiers=["Shift"])
    assert reader.page.url.endswith("#L4-L7")
    assert marked(reader) == [f"line {n}" for n in range(4, 8)]
    assert reader.top == place
    assert reader.page.evaluate("String(getSelection())") == ""


@pytest.mark.parametrize("clipboard", ["new", "old"])
def test_a_copied_link_leads_others_there(hub: Hub, publisher: Publisher, visit: Open, clipboard: str) -> None:
    publisher.append_all(numbered(1, 20_000))
    reader = visit(hub, publisher.token, permissions=["clipboard-read", "clipboard-write"], fragment="#mine&L7")
    if clipboard == "old":
        reader.page.evaluate("delete Clipboard.prototype.writeText")
    reader.shows("line 7")
    number_of(reader, 3).click()
    reader.press("c")
    reader.says("Link to line 3 copied")
    link = reader.page.evaluate("navigator.clipboard.readText()")
    assert link == f"{reader.url}#L3"
    other = visit(hub, publisher.token, fragment=link.removeprefix(reader.url))
    other.shows("line 3")
    assert marked(other) == ["line 3"]


def test_the_key_c_means_what_is_selected_or_seen(hub: Hub, publisher: Publisher, visit: Open) -> None:
    publisher.append_all(numbered(1, 500))
    reader = visit(hub, publisher.token, permissions=["clipboard-read", "clipboard-write"])
    reader.reaches(publisher.end)
    reader.press("g", "j", "j", "j")
    wait_until(lambda: reader.top == "4 line 4", "three lines down")
    reader.press("c")
    reader.says("Link to line 4 copied")
    reader.select("line 6", "line 8")
    reader.press("c")
    reader.says("Link to lines 6 to 8 copied")


def test_an_address_changed_by_hand_leads_there(hub: Hub, publisher: Publisher, visit: Open) -> None:
    publisher.append_all(numbered(1, 5000))
    reader = visit(hub, publisher.token)
    reader.reaches(publisher.end)
    reader.page.evaluate("location.hash = '#L2500'")
    reader.shows("line 2500")
    assert marked(reader) == ["line 2500"]


def test_a_line_that_is_not_there_is_said(hub: Hub, publisher: Publisher, visit: Open) -> None:
    publisher.append_all(numbered(1, 100))
    reader = visit(hub, publisher.token, fragment="#L900")
    reader.says("There is no line 900 yet: 100 lines so far.")
    reader.shows("line 100")


def test_a_finger_makes_a_link(hub: Hub, publisher: Publisher, visit: Open) -> None:
    publisher.append_all(numbered(1, 500))
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    reader = visit(hub, publisher.token, permissions=["clipboard-read", "clipboard-write"], **phone)
    reader.shows("line 500")
    number_of(reader, 490).tap()
    reader.page.get_by_role("button", name="Copy link").tap()
    reader.says("Link to line 490 copied")
    assert reader.page.evaluate("navigator.clipboard.readText()") == f"{reader.url}#L490"
    reader.page.get_by_role("button", name="Let go of the place").tap()
    expect(reader.log.locator(".row.linked")).to_have_count(0)
    assert reader.page.url == reader.url
