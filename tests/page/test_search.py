"""Searching a log: what a reader types, sees and is led to."""

from __future__ import annotations

import re

from playwright.sync_api import expect
from tests.support.browser import Open
from tests.support.clients import Publisher
from tests.support.hub import Hub, wait_until
from tests.support.reader import Reader

HIGHLIGHTED = """(name) => [...(CSS.highlights.get(name) ?? [])].map((range) => range.toString())"""


def numbered(first: int, last: int) -> bytes:
    """Lines with numbers, in a terminal's way."""
    return b"".join(b"line %d\r\n" % n for n in range(first, last + 1))


def find(reader: Reader, text: str) -> None:
    """Open the bar and type."""
    expect(reader.rows.first).to_be_visible(timeout=20_000)
    reader.press("/")
    reader.page.get_by_role("textbox", name="Search the log").fill(text)


def counts(reader: Reader, words: str) -> None:
    """Wait until the bar says how much was found."""
    expect(reader.page.locator("#find-count")).to_have_text(words, timeout=20_000)


def highlighted(reader: Reader, name: str) -> list[str]:
    """What is marked in the rows, by the highlight's name."""
    found: list[str] = reader.page.evaluate(HIGHLIGHTED, name)
    return found


def test_the_whole_log_is_searched_and_the_keys_lead_through_it(hub: Hub, publisher: Publisher, visit: Open) -> None:
    publisher.append_all(b"a needle\r\n" + numbered(2, 60_000) + b"\x1b[31mNee\x1b[1mdle\x1b[0m, needle\r\nthe end\r\n")
    reader = visit(hub, publisher.token)
    reader.shows("the end")
    find(reader, "needle")
    counts(reader, "2 lines")
    wait_until(lambda: highlighted(reader, "found") == ["Needle", "needle"], "the matches in sight are marked")
    reader.press("Enter")
    counts(reader, "2 of 2")
    wait_until(lambda: highlighted(reader, "current") == ["Needle", "needle"], "the line found is marked")
    reader.press("Enter")
    counts(reader, "1 of 2")
    reader.shows("a needle")
    reader.press("Shift+Enter")
    counts(reader, "2 of 2")
    reader.shows("Needle, needle")
    reader.press("Escape")
    expect(reader.page.get_by_role("search")).to_have_count(0)
    expect(reader.log).to_be_focused()
    assert highlighted(reader, "found") == []


def test_enter_leads_to_what_has_not_been_found_yet(hub: Hub, publisher: Publisher, visit: Open) -> None:
    publisher.append_all(b"a needle\r\n" + numbered(2, 60_000))
    reader = visit(hub, publisher.token)
    reader.shows("line 60000")
    find(reader, "need")
    reader.press("l", "e", "Enter")
    counts(reader, "1 of 1")
    reader.shows("a needle")


def test_n_and_capital_n_lead_on_from_the_log(hub: Hub, publisher: Publisher, visit: Open) -> None:
    publisher.append_all(b"".join(b"mark\r\n" + numbered(1, 100) for _ in range(3)))
    reader = visit(hub, publisher.token)
    find(reader, "mark")
    counts(reader, "3 lines")
    reader.press("Enter")
    counts(reader, "3 of 3")
    reader.log.click(position={"x": 400, "y": 300})
    reader.press("n")
    counts(reader, "1 of 3")
    reader.press("n")
    counts(reader, "2 of 3")
    reader.press("N")
    counts(reader, "1 of 3")


def test_capitals_and_expressions(hub: Hub, publisher: Publisher, visit: Open) -> None:
    publisher.append_all(b"Alpha 1\r\nalpha 22\r\nbeta 3\r\na.p\r\n")
    reader = visit(hub, publisher.token)
    find(reader, "Alpha")
    counts(reader, "2 lines")
    reader.page.get_by_role("button", name="Match capitals").click()
    counts(reader, "1 line")
    find(reader, "a.p")
    counts(reader, "1 line")
    reader.page.get_by_role("button", name="Regular expression").click()
    find(reader, r"^\w+ \d{2}$")
    counts(reader, "1 line")
    find(reader, "(")
    expect(reader.page.locator("#find-count")).to_contain_text("missing )")
    find(reader, "nowhere")
    counts(reader, "Nothing found")


def test_a_search_goes_on_with_the_run(hub: Hub, publisher: Publisher, visit: Open) -> None:
    publisher.append_all(b"match one\r\nnothing\r\n")
    reader = visit(hub, publisher.token)
    find(reader, "match")
    counts(reader, "1 line")
    publisher.append_all(b"match two\r\nmat")
    counts(reader, "2 lines")
    publisher.append_all(b"ch three")
    counts(reader, "3 lines")
    publisher.append_all(b" and a match\r\n")
    wait_until(lambda: highlighted(reader, "found") == ["match"] * 4, "each is marked, the one that grew as well")
    counts(reader, "3 lines")


def test_what_was_found_is_marked_beside_the_scroll_bar(hub: Hub, publisher: Publisher, visit: Open) -> None:
    publisher.append_all(numbered(1, 500) + b"needle\r\n" + numbered(502, 999))
    publisher.event({"kind": "note", "level": "error", "text": "no disk", "at": 0})
    reader = visit(hub, publisher.token)
    find(reader, "needle")
    counts(reader, "1 line")
    expect(reader.page.locator(".strip")).to_have_attribute("data-marks", "2")
    dark = reader.page.evaluate(
        """() => {
            const canvas = document.querySelector('.strip canvas');
            const { data, width, height } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
            return [...Array(height).keys()].filter((y) => data[4 * y * width + 3]).map((y) => y / height);
        }"""
    )
    assert dark[0] == 0
    assert any(abs(share - 0.5) < 0.02 for share in dark)
    assert len(dark) <= 8


def test_e_and_w_lead_to_errors_and_warnings(hub: Hub, publisher: Publisher, visit: Open) -> None:
    parts = [b"Error: first\r\n", b"0 errors, 3 passed\r\n", b"WARNING: low disk\r\n", b"ValueError: second\r\n"]
    publisher.append_all(b"".join(part + numbered(1, 200) for part in parts))
    publisher.event({"kind": "note", "level": "error", "text": "the last one", "at": publisher.end})
    reader = visit(hub, publisher.token)
    reader.shows("the last one")
    reader.press("g")
    reader.shows("Error: first")
    reader.press("e")
    wait_until(lambda: highlighted(reader, "line") == ["ValueError: second"], "the second error is marked")
    reader.shows("ValueError: second")
    reader.press("Shift+E")
    reader.shows("Error: first")
    reader.press("w")
    reader.shows("WARNING: low disk")
    reader.press("e")
    reader.shows("ValueError: second")
    reader.press("e")
    reader.shows("the last one")
    reader.press("e")
    reader.says("No error after this place")


def test_what_is_an_error_can_be_chosen_and_is_kept(hub: Hub, publisher: Publisher, visit: Open) -> None:
    publisher.append_all(b"Error: no\r\n" + numbered(1, 200) + b"oh dear\r\n" + numbered(1, 200))
    reader = visit(hub, publisher.token)
    reader.page.get_by_role("button", name="Settings").click()
    field = reader.page.get_by_label("Errors are lines with")
    expect(field).to_have_value(re.compile("error"))
    field.fill("oh dear")
    field.press("Enter")
    reader.page.reload()
    reader.shows("line 200")
    reader.press("Shift+E")
    reader.shows("oh dear")


def test_a_phone_has_a_button_for_it(hub: Hub, publisher: Publisher, visit: Open) -> None:
    publisher.append_all(b"needle\r\n" + numbered(1, 200))
    reader = visit(hub, publisher.token, viewport={"width": 320, "height": 640}, has_touch=True)
    reader.page.get_by_role("button", name="search the log").tap()
    reader.page.get_by_role("textbox", name="Search the log").fill("needle")
    counts(reader, "1 line")
    reader.page.get_by_role("button", name="Next").tap()
    reader.shows("needle")
    assert reader.page.evaluate("document.documentElement.scrollWidth") == 320
