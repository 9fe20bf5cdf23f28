"""Any moment of a run: its screen, its tasks and its metrics as they were, by mouse, keyboard and finger."""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, expect
from tests.page.test_progress import metric, task
from tests.page.test_terminal import screen, shows_screen, terminal
from tests.page.test_truth import PHONE
from tests.support.axe import violations
from tests.support.browser import Open
from tests.support.clients import Publisher
from tests.support.hub import Hub, wait_until
from tests.support.reader import Reader

MINUTES = 10

SHOWN = """([from, to]) => {
    const line = Number(/line (\\d+)/.exec(document.querySelector('.screen').textContent)?.[1]);
    return line > from && line < to && performance.now() - window.began;
}"""
"""How many ms after it `began` the screen shows lines between two, once it does."""


@pytest.fixture
def hour(hub: Hub) -> Iterator[Publisher]:
    """A run that ended after ten minutes; in each it wrote a line, and a task and a metric went on by 10."""
    with Publisher(hub) as publisher:
        publisher.open(meta={"name": "job", "started": time.time() - 7200, "pty": True, "cols": 80, "rows": 24})
        for n in range(MINUTES):
            wrote(publisher, n * 60 + 30, b"minute %d\r\n" % n)
            t = n * 60 + 30.0
            publisher.event(task("Build", percent=n * 10, t=t), metric("loss", n * 1.5, n, t))
        publisher.event({"kind": "note", "level": "error", "text": "Boom", "t": 330.0})
        publisher.event({"kind": "exit", "code": 1, "signal": None, "t": 600.0})
        yield publisher


def wrote(publisher: Publisher, t: float, data: bytes) -> None:
    """The run writes at a time, in seconds since its start; returns when that is durable."""
    end = publisher.end + len(data)
    publisher.append(publisher.end, data, t=t)
    publisher.wait_for(lambda: publisher.end == end, "an ack")


def slider(reader: Reader) -> Locator:
    """The time line."""
    return reader.page.get_by_role("slider", name="Moment shown")


def point(reader: Reader, part: float) -> tuple[float, float]:
    """A place on the time line, from 0 at its left to 1 at its right."""
    box = slider(reader).bounding_box()
    assert box
    return box["x"] + box["width"] * part, box["y"] + box["height"] / 2


def bar(reader: Reader) -> Locator:
    """The bar of the task in the header."""
    return reader.page.get_by_role("banner").get_by_role("progressbar", name="Build")


def minutes(n: int) -> list[str]:
    """What had been written after the first so many minutes."""
    return [f"minute {each}" for each in range(n)]


def test_dragged_to_a_moment_everything_is_as_it_was(hub: Hub, hour: Publisher, visit: Open) -> None:
    reader = visit(hub, hour.token, viewport={"width": 1500, "height": 800})
    reader.shows("minute 9")
    expect(slider(reader)).to_have_attribute("aria-valuetext", "live")
    expect(bar(reader)).to_have_attribute("aria-valuenow", "90")

    reader.page.mouse.move(*point(reader, 0.2))
    reader.page.mouse.down()
    shows_screen(reader, *minutes(2))
    reader.page.mouse.move(*point(reader, 0.705))
    shows_screen(reader, *minutes(7))
    reader.page.mouse.up()
    expect(bar(reader)).to_have_attribute("aria-valuenow", "60")
    expect(reader.page.get_by_role("figure").filter(has_text="loss")).to_contain_text("9")
    expect(terminal(reader)).to_contain_text(re.compile("As it was at 7:0[1-5]"))
    expect(slider(reader)).to_have_attribute("aria-valuetext", re.compile("7:0[1-5] of 10:00"))

    reader.page.get_by_role("button", name="Back to the end").click()
    expect(terminal(reader)).to_have_count(0)
    expect(bar(reader)).to_have_attribute("aria-valuenow", "90")
    reader.shows("minute 9")


def test_nothing_of_one_screen_stays_on_another(hub: Hub, hour: Publisher, visit: Open) -> None:
    reader = visit(hub, hour.token)
    reader.shows("minute 9")
    reader.press("v")
    shows_screen(reader, *minutes(10))
    slider(reader).focus()
    for _ in range(3):
        reader.press("Home")
        shows_screen(reader, "")
        reader.press("PageUp", "PageUp")
        shows_screen(reader, *minutes(2))
        reader.press("End")
        shows_screen(reader, *minutes(10))


def test_a_network_that_is_gone_for_a_moment_costs_time_alone(hub: Hub, hour: Publisher, visit: Open) -> None:
    reader = visit(hub, hour.token)
    reader.shows("minute 9")
    reader.press("v")
    shows_screen(reader, *minutes(10))
    reader.page.route("**/at?*", lambda route: route.abort())
    slider(reader).focus()
    with reader.page.expect_event("requestfailed", lambda request: "/at?" in request.url):
        reader.press("Home")
    reader.page.unroute("**/at?*")
    shows_screen(reader, "")


def test_a_part_of_the_page_that_cannot_be_had_for_a_moment_is_asked_for_again(
    hub: Hub, hour: Publisher, visit: Open
) -> None:
    reader = visit(hub, hour.token)
    reader.shows("minute 9")
    reader.page.route("**/assets/terminal_view*.js", lambda route: route.abort())
    failures = itertools.count(1)  # the first one or two are of one attempt
    with reader.page.expect_event("requestfailed", lambda each: "terminal_view" in each.url and next(failures) == 3):
        reader.press("v")
    reader.page.unroute("**/assets/terminal_view*.js")
    shows_screen(reader, *minutes(10))


def test_by_keyboard(hub: Hub, hour: Publisher, visit: Open) -> None:
    reader = visit(hub, hour.token)
    reader.shows("minute 9")
    slider(reader).focus()
    reader.press("Home")
    shows_screen(reader, "")
    expect(slider(reader)).to_have_attribute("aria-valuenow", "0")
    reader.press("PageUp", "PageUp", "ArrowLeft")
    expect(slider(reader)).to_have_attribute("aria-valuenow", "114")
    shows_screen(reader, *minutes(2))
    reader.press("End")
    expect(slider(reader)).to_have_attribute("aria-valuetext", "live")
    reader.press("PageDown", "Escape")
    expect(terminal(reader)).to_have_count(0)


def test_the_line_stays_where_it_is(hub: Hub, visit: Open) -> None:
    with Publisher(hub) as publisher:
        publisher.open(meta={"name": "job", "started": time.time() - 14400, "pty": True, "cols": 80, "rows": 24})
        wrote(publisher, 10, b"early\r\n")
        reader = visit(hub, publisher.token)
        reader.shows("early")
        places = [point(reader, 0.5)]
        for part in (0.9, 0.01):
            reader.page.mouse.click(*point(reader, part))
            reader.says("As it was at")
            places.append(point(reader, 0.5))
        assert places == [places[0]] * 3


def test_by_touch(hub: Hub, hour: Publisher, visit: Open) -> None:
    reader = visit(hub, hour.token, **PHONE)
    reader.shows("minute 9")
    line = slider(reader).bounding_box()
    assert line
    assert line["height"] >= 43
    reader.page.touchscreen.tap(*point(reader, 0.5))
    shows_screen(reader, *minutes(5))
    assert violations(reader.page) == []
    assert reader.page.evaluate("document.documentElement.scrollWidth") == 390
    for button in ("Play", "Speed: 1×", "Back to the end"):
        box = reader.page.get_by_role("button", name=button).bounding_box()
        assert box
        assert min(box["width"], box["height"]) >= 44, button


def test_played_with_the_silences_cut(hub: Hub, hour: Publisher, visit: Open) -> None:
    reader = visit(hub, hour.token)
    reader.shows("minute 9")
    reader.press("Space")
    expect(reader.page.get_by_role("button", name="Pause")).to_be_visible()
    shows_screen(reader, *minutes(1))
    shows_screen(reader, *minutes(2))  # a minute of the run, a second of the reader's
    reader.press("Space")
    expect(reader.page.get_by_role("button", name="Play")).to_be_visible()
    assert screen(reader)[:3] == [*minutes(2), ""]

    reader.press(">", ">", ">", ">", ">")
    expect(reader.page.get_by_role("button", name="Speed: 50×")).to_be_visible()
    reader.press("Space")
    shows_screen(reader, *minutes(MINUTES))
    expect(reader.page.get_by_role("button", name="Play")).to_be_visible()  # it pauses at the end
    expect(slider(reader)).to_have_attribute("aria-valuetext", "10:00 of 10:00")


def test_a_button_with_the_focus_keeps_the_space_bar(hub: Hub, hour: Publisher, visit: Open) -> None:
    reader = visit(hub, hour.token)
    reader.shows("minute 9")
    reader.page.get_by_role("button", name="Speed: 1×").focus()
    reader.press("Space")
    expect(reader.page.get_by_role("button", name="Speed: 2×")).to_be_visible()
    expect(reader.page.get_by_role("button", name="Play")).to_be_visible()


def test_what_happened_when_is_drawn_on_it(hub: Hub, hour: Publisher, visit: Open) -> None:
    reader = visit(hub, hour.token)
    reader.shows("minute 9")
    marks = slider(reader).locator("svg")
    expect(marks.locator(".density")).to_have_attribute("d", re.compile(r"(M.*){10}"))
    expect(marks.locator(".silence")).to_have_count(10)
    expect(marks.locator(".span")).to_have_count(1)
    error = marks.locator(".said.error").bounding_box()
    assert error
    assert abs(error["x"] - point(reader, 330 / 600)[0]) < 3


def test_goes_on_meanwhile_and_back_to_live(hub: Hub, visit: Open) -> None:
    with Publisher(hub) as publisher:
        publisher.open(meta={"name": "job", "started": time.time() - 100, "pty": True, "cols": 80, "rows": 24})
        wrote(publisher, 10, b"early\r\n")
        wrote(publisher, 90, b"late\r\n")
        reader = visit(hub, publisher.token)
        reader.shows("late")
        reader.page.mouse.click(*point(reader, 0.5))
        shows_screen(reader, "early")
        at = int(slider(reader).get_attribute("aria-valuenow") or 0)
        most = int(slider(reader).get_attribute("aria-valuemax") or 0)
        wrote(publisher, time.time() % 1 + 101, b"meanwhile\r\n")
        wait_until(lambda: int(slider(reader).get_attribute("aria-valuemax") or 0) > most, "the line grows")
        assert int(slider(reader).get_attribute("aria-valuenow") or 0) == at
        assert screen(reader)[:2] == ["early", ""]
        reader.page.get_by_role("button", name="Back to live").click()
        expect(terminal(reader)).to_have_count(0)
        reader.shows("meanwhile")


def test_of_a_job_without_a_terminal(hub: Hub, visit: Open) -> None:
    with Publisher(hub) as publisher:
        publisher.open(meta={"name": "job", "started": time.time() - 100, "pty": False})
        wrote(publisher, 10, b"early\n")
        wrote(publisher, 90, b"late\n")
        reader = visit(hub, publisher.token)
        reader.shows("late")
        reader.page.mouse.click(*point(reader, 0.5))
        shows_screen(reader, "early")


def test_a_moment_of_a_long_run_is_there_within_a_second(hub: Hub, visit: Open) -> None:
    with Publisher(hub) as publisher:
        publisher.open(meta={"name": "job", "started": time.time() - 14400, "pty": True, "cols": 80, "rows": 24})
        lines = b"".join(b"\x1b[3%dmline %07d\x1b[0m of very many\r\n" % (n % 8, n) for n in range(200_000))
        step = 60_000
        for n, at in enumerate(range(0, len(lines), step)):
            wrote(publisher, n * 14000 * step / len(lines), lines[at : at + step])
        reader = visit(hub, publisher.token)
        reader.shows("line 0199999")
        reader.press("v")
        shows_screen(reader, *(f"line {n:07} of very many" for n in range(200_000 - 23, 200_000)))
        took = []
        for part in (0.5, 0.9, 0.1):
            reader.page.evaluate("window.began = performance.now()")
            reader.page.mouse.click(*point(reader, part))
            line = part * 200_000 * 14400 / 14000
            took.append(reader.page.wait_for_function(SHOWN, arg=[line - 4000, line + 4000]).json_value())
            expect(reader.page.get_by_text("hatched")).to_have_count(0)
        assert min(took) < 1000, took  # others may be slower while tests beside this one take the processors
