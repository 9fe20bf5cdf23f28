"""Going to a line, a moment, the next error: by keys alone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Route, expect
from tests.support.browser import Open
from tests.support.clients import Publisher
from tests.support.hub import Hub, wait_until
from tests.support.lines import append_at, numbered
from tests.support.reader import Reader


def go_to(reader: Reader, place: str, key: str = ":") -> None:
    """Ask for the dialog, type a place, enter."""
    reader.press(key)
    field = reader.page.get_by_role("dialog").get_by_role("textbox")
    expect(field).to_be_focused()
    field.fill(place)
    reader.press("Enter")


@pytest.mark.parametrize("key", [":", "Control+g"])
def test_to_a_line(hub: Hub, publisher: Publisher, visit: Open, key: str) -> None:
    publisher.append_all(numbered(1, 5000))
    reader = visit(hub, publisher.token)
    reader.reaches(publisher.end)
    go_to(reader, "1,200", key)
    reader.shows("line 1200")
    expect(reader.page.get_by_role("dialog")).to_have_count(0)
    go_to(reader, "50%")
    reader.shows("line 2500")


def test_to_a_moment_and_on_from_there(hub: Hub, publisher: Publisher, visit: Open) -> None:
    for minute in range(20):
        append_at(publisher, 60.0 * minute, b"minute %d\r\n" % minute + numbered(1, 100))
    reader = visit(hub, publisher.token)
    reader.reaches(publisher.end)
    go_to(reader, "12:30")
    reader.shows("minute 13")
    go_to(reader, "-5m")
    reader.shows("minute 9")


def test_what_is_not_understood_can_be_mended(hub: Hub, publisher: Publisher, visit: Open) -> None:
    publisher.append_all(numbered(1, 500))
    reader = visit(hub, publisher.token)
    reader.reaches(publisher.end)
    go_to(reader, "soon")
    expect(reader.page.get_by_role("alert")).to_contain_text("A line (1200)")
    reader.page.get_by_role("textbox").fill("7")
    reader.press("Enter")
    reader.shows("line 7")
    reader.press("j")
    wait_until(lambda: reader.log.evaluate("(log) => log.scrollTop > 0"), "keys are the log's again")


def test_to_the_next_error_and_back(hub: Hub, publisher: Publisher, visit: Open) -> None:
    for n, level in enumerate(["error", "warning", "error"]):
        publisher.append_all(numbered(1000 * n + 1, 1000 * n + 999) + b"%s: number %d\r\n" % (level.encode(), n))
        publisher.event({"kind": "note", "level": level, "text": f"{level}: number {n}"})
    publisher.append_all(numbered(4001, 5000))
    reader = visit(hub, publisher.token)
    reader.reaches(publisher.end)
    reader.press("E")
    reader.shows("error: number 2")
    reader.press("E")
    reader.shows("error: number 0")
    reader.press("E")
    reader.says("No error before this place")
    reader.press("w")
    reader.shows("warning: number 1")
    reader.press("e")
    reader.shows("error: number 2")


@pytest.mark.parametrize("path", ["at", "search"])
def test_who_has_gone_elsewhere_meanwhile_stays_there(hub: Hub, publisher: Publisher, visit: Open, path: str) -> None:
    publisher.append_all(numbered(1, 999) + b"an error\r\n" + numbered(1001, 2000))
    reader = visit(hub, publisher.token)
    reader.reaches(publisher.end)
    asked = re.compile(rf"/{path}\?")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    reader.page.route(asked, hold)
    if path == "at":
        go_to(reader, "0:00")
    else:
        reader.press("E")
    wait_until(lambda: reader.whole and bool(held), "the page has asked where that is")
    reader.press("PageUp")
    place = reader.top
    with reader.page.expect_response(asked):
        held[0].continue_()
    assert reader.top == place


def test_settings_are_kept(hub: Hub, publisher: Publisher, visit: Open) -> None:
    publisher.append_all(numbered(1, 50))
    reader = visit(hub, publisher.token)
    reader.page.get_by_role("button", name="Settings").click()
    settings = reader.page.get_by_role("dialog", name="Settings")
    settings.get_by_label("Text size").select_option("16 px")
    settings.get_by_label("Appearance").select_option("Dark")
    settings.get_by_label("Wrap long lines").check()
    settings.get_by_label("Single-key shortcuts").uncheck()
    reader.press("Escape")
    expect(settings).to_be_hidden()
    for again in (False, True):
        if again:
            reader.page.reload()
        expect(reader.log).to_have_css("font-size", "16px")
        expect(reader.page.locator("html")).to_have_attribute("data-theme", "dark")
        expect(reader.log).to_have_class(re.compile(r"\bwrapped\b"))
        reader.shows("line 50")
        reader.press("z")
        expect(reader.log).to_have_class(re.compile(r"\bwrapped\b"))
        assert reader.top.endswith("line 50") is False
