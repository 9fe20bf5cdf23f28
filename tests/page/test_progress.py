"""How far a run is, what it measures and what it said, seen by a reader."""

from __future__ import annotations

import re
import time
from typing import Any
from urllib.parse import unquote

from playwright.sync_api import Locator, expect
from tests.page.test_truth import PHONE
from tests.support.browser import Open
from tests.support.clients import Publisher
from tests.support.hub import Hub, wait_until
from tests.support.reader import Reader

WIDE = {"viewport": {"width": 1500, "height": 900}}


def task(name: str, **changes: Any) -> dict[str, Any]:
    """A task event as the runner writes it, all of its fields there."""
    unknown = dict.fromkeys(("current", "total", "unit", "percent", "parent", "rate", "eta"))
    return {"kind": "task", "id": name, "label": name, "state": "running", "source": "job", **unknown, **changes}


def metric(name: str, value: float, step: int | None = None, t: float = 0.0) -> dict[str, Any]:
    """A metric event."""
    return {"kind": "metric", "name": name, "value": value, "step": step, "source": "job", "t": t}


def bar(reader: Reader, name: str) -> Locator:
    """The bar of a task in the header."""
    return reader.page.get_by_role("banner").get_by_role("progressbar", name=name)


def icon(reader: Reader) -> str:
    """The tab's icon, as SVG."""
    return unquote(reader.page.locator("link[rel=icon]").get_attribute("href") or "")


# --- tasks


def test_a_task_in_the_header_the_title_and_the_icon(hub: Hub, publisher: Publisher, visit: Open) -> None:
    publisher.append_all(b"hello\r\n")
    reader = visit(hub, publisher.token)
    expect(reader.page).to_have_title("● job · running")

    numbers = {"current": 42, "total": 100, "percent": 42.9, "unit": "it", "rate": 14.2, "eta": 240.0}
    publisher.event(task("Epochs", **numbers, t=0.5))
    row = reader.page.get_by_role("listitem").filter(has_text="Epochs")
    for words in ("42/100", "42 %", "14.2 it/s", "ETA 3:5"):
        expect(row).to_contain_text(words)
    expect(bar(reader, "Epochs")).to_have_attribute("aria-valuenow", "42")
    expect(reader.page.get_by_text("ETA 3 min")).to_be_visible()
    expect(reader.page).to_have_title("42 % · job")
    assert 'stroke-dasharray="42 100"' in icon(reader)

    publisher.event(task("Epochs", current=100, total=100, percent=100, state="done", t=9.5))
    expect(row).to_contain_text("✓")
    expect(row).to_contain_text("0:09")
    publisher.event({"kind": "exit", "code": 0, "signal": None})
    expect(reader.page).to_have_title("✓ job · succeeded")
    assert "stroke-dasharray" not in icon(reader)


def test_what_is_left_counts_down_by_itself(hub: Hub, publisher: Publisher, visit: Open) -> None:
    publisher.event(task("Build", percent=10, eta=100.0))
    reader = visit(hub, publisher.token)
    left = reader.page.locator(".task-time").first
    expect(left).to_have_text(re.compile(r"ETA 1:\d\d"))
    before = left.text_content() or ""
    expect(left).not_to_have_text(before)
    expect(left).to_have_text(re.compile(r"ETA 1:\d\d"))
    assert (left.text_content() or "") < before


def test_the_header_keeps_its_height_and_folds_what_is_beyond_three(
    hub: Hub, publisher: Publisher, visit: Open
) -> None:
    reader = visit(hub, publisher.token)
    reader.says("live")
    banner = reader.page.get_by_role("banner")
    height = banner.bounding_box()
    for n in range(7):
        publisher.event(task(f"part {n}", percent=n))
    expect(banner.get_by_role("listitem")).to_have_count(3)
    assert banner.bounding_box() == height

    reader.page.get_by_role("button", name="+4 more").click()
    expect(reader.page.get_by_role("list", name="All tasks").get_by_role("listitem")).to_have_count(7)
    assert banner.bounding_box() == height
    reader.press("Escape")
    expect(reader.page.get_by_role("list", name="All tasks")).to_have_count(0)

    publisher.event({"kind": "exit", "code": 0, "signal": None})
    reader.says("succeeded")
    assert banner.bounding_box() == height


def test_nested_tasks_stand_below_their_parents(hub: Hub, publisher: Publisher, visit: Open) -> None:
    publisher.event(
        task("Epochs", percent=40),
        task("Other"),
        task("Train 0", parent="Epochs", percent=100, state="done"),
        task("Train 1", parent="Epochs", percent=70),
    )
    reader = visit(hub, publisher.token)
    expect(reader.page.get_by_role("banner").locator(".task-name")).to_have_text(["Epochs", "└ Train 1", "Other"])
    expect(reader.page).to_have_title("40 % · job")


def test_hostile_labels_are_text_and_numbers_that_are_none_are_not_shown(
    hub: Hub, publisher: Publisher, visit: Open
) -> None:
    label = "<img src=x onerror=\"document.title='owned'\">\u202egnp.exe" + "x" * 5000
    publisher.event(task("evil", label=label, percent="<b>", current={"a": 1}, rate=[], eta=-5, state="<i>"))
    publisher.event(task("__proto__", percent=50), metric("__proto__", 1.0), metric("constructor", 2.0))
    reader = visit(hub, publisher.token)
    name = reader.page.get_by_role("banner").locator("bdi").first
    expect(name).to_contain_text("<img src=x onerror=")
    assert "\u202e" not in (name.text_content() or "")
    assert len(name.text_content() or "") < 210
    expect(reader.page.get_by_role("banner").locator("img, b, i")).to_have_count(0)
    expect(reader.page).to_have_title("50 % · job")
    assert reader.page.evaluate("document.documentElement.scrollWidth") == 1000


# --- the panel


def test_metrics_are_drawn_when_asked_for(hub: Hub, publisher: Publisher, visit: Open) -> None:
    publisher.event(*(metric("loss", 1 / (n + 1), n * 10, float(n)) for n in range(50)))
    publisher.event(metric("process/cpu", 190.0), metric("process/cpu", 212.3, t=1.0), metric("process/memory", 3.1e9))
    reader = visit(hub, publisher.token)
    expect(reader.page.locator("canvas")).to_have_count(0)
    assert not any("plot" in url for url in reader.requests)

    reader.page.get_by_role("button", name="Details").click()
    panel = reader.page.get_by_role("complementary")
    expect(panel.locator("canvas")).to_have_count(2)  # one value makes no chart
    loss = panel.get_by_role("figure").filter(has_text="loss")
    expect(loss).to_contain_text("0.02")
    expect(panel.get_by_role("figure").filter(has_text="CPU")).to_contain_text("212 %")
    expect(panel.get_by_role("figure").filter(has_text="Memory")).to_contain_text("3.1 GB")
    expect(panel.get_by_role("link", name="CSV")).to_have_attribute(
        "href", f"/r/{publisher.token}/metrics.csv?download=1"
    )

    loss.locator(".u-over").hover(position={"x": 100, "y": 20})
    expect(loss).to_contain_text(re.compile(r"step \d+0"))
    publisher.event(metric("loss", 0.001, 500, 50.0))
    reader.page.mouse.move(0, 0)
    expect(loss).to_contain_text("0.001")

    panel.get_by_role("button", name="Close details").click()
    expect(panel).to_have_count(0)
    reader.page.reload()
    reader.says("live")
    expect(panel).to_have_count(0)
    reader.press("i")
    expect(panel).to_be_visible()


def test_a_note_leads_to_its_place(hub: Hub, publisher: Publisher, visit: Open) -> None:
    publisher.append_all(b"".join(b"line %d\r\n" % n for n in range(1, 301)))
    publisher.append_all(b"::error::Boom\r\n")
    publisher.event({"kind": "note", "level": "error", "text": "Boom", "t": 61.0})
    publisher.event({"kind": "note", "level": "warning", "text": "low disk"})
    publisher.append_all(b"".join(b"line %d\r\n" % n for n in range(301, 601)))
    reader = visit(hub, publisher.token)
    reader.shows("line 600")
    reader.page.get_by_role("button", name="Details, 1 warning, 1 error").click()
    panel = reader.page.get_by_role("complementary")
    expect(panel).to_contain_text("1 warning · 1 error")
    panel.get_by_role("button", name="Boom").click()
    reader.shows("::error::Boom")
    expect(reader.rows.filter(has_text="Boom")).to_have_class(re.compile("said error"))
    expect(reader.rows.filter(has_text="Boom")).to_have_count(1)
    reader.shows("low disk")


def test_what_is_known_of_the_run(hub: Hub, visit: Open) -> None:
    with Publisher(hub) as publisher:
        who = {"command": ["python3", "a b.py"], "cwd": "~/work", "host": "gpu-3", "user": "ada"}
        publisher.open(meta={"name": "train.py", "started": time.time(), "tags": {"team": "vision"}, **who})
        reader = visit(hub, publisher.token, **WIDE)  # where there is room, it is there from the start
        panel = reader.page.get_by_role("complementary")
        for words in ("python3 'a b.py'", "~/work", "ada@gpu-3", "vision"):
            expect(panel).to_contain_text(words)


def test_a_phone_has_the_first_task_and_a_sheet(hub: Hub, publisher: Publisher, visit: Open) -> None:
    publisher.append_all(b"hello\r\n")
    publisher.event(task("Epochs", percent=40, eta=60.0), task("Train", parent="Epochs", percent=70))
    publisher.event(*(metric("loss", 1 / (n + 1), n) for n in range(50)))
    reader = visit(hub, publisher.token, **PHONE)
    expect(bar(reader, "Epochs")).to_be_in_viewport(ratio=1)
    expect(bar(reader, "Train")).not_to_be_in_viewport()
    details = reader.page.get_by_role("button", name="Details")
    box = details.bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) >= 44

    details.click()
    sheet = reader.page.get_by_role("complementary")
    expect(sheet.locator("canvas")).to_be_in_viewport()
    expect(sheet.get_by_role("progressbar", name="Train")).to_be_visible()
    assert reader.page.evaluate("document.documentElement.scrollWidth") == 390
    expect(sheet.get_by_role("button", name="Close details")).to_be_focused()
    reader.press("Escape")
    expect(sheet).to_have_count(0)


# --- groups


def grouped(publisher: Publisher, name: str, lines: int) -> None:
    """A group in GitHub's way, each of its events when the output has come to it."""
    publisher.append_all(b"::group::%s\r\n" % name.encode())
    publisher.event({"kind": "group", "name": name, "open": True, "t": 1.0})
    publisher.append_all(b"".join(b"%s %d\r\n" % (name.encode(), n) for n in range(lines)))
    publisher.event({"kind": "group", "name": name, "open": False, "t": 13.0})
    publisher.append_all(b"::endgroup::\r\n")


def test_groups_fold_by_mouse_and_by_keyboard(hub: Hub, publisher: Publisher, visit: Open) -> None:
    grouped(publisher, "Install", 3)
    publisher.append_all(b"::group::Test\r\n")
    publisher.event({"kind": "group", "name": "Test", "open": True, "t": 13.0})
    publisher.append_all(b"::error::Boom\r\n")
    publisher.event({"kind": "note", "level": "error", "text": "Boom", "t": 14.0})
    publisher.event({"kind": "group", "name": "Test", "open": False, "t": 14.0})
    publisher.append_all(b"after\r\n")
    reader = visit(hub, publisher.token)
    reader.shows("after")
    install = reader.log.get_by_role("button", name="Install")
    expect(install).to_contain_text("✓ 0:12")
    expect(reader.log.get_by_role("button", name="Test")).to_contain_text("✗ failed · 0:01")
    expect(reader.log.get_by_text("::group::")).to_have_count(0)

    install.click()
    expect(install).to_have_attribute("aria-expanded", "false")
    expect(install).to_contain_text("3 rows")
    assert reader.lines == ["Install", "::endgroup::", "Test", "::error::Boom", "after"]
    expect(install).to_be_focused()
    reader.press("Enter")
    expect(install).to_have_attribute("aria-expanded", "true")
    assert "Install 1" in reader.lines

    reader.press("Tab", "Space")
    expect(reader.log.get_by_role("button", name="Test")).to_have_attribute("aria-expanded", "false")
    assert "::error::Boom" not in reader.lines


def test_a_heading_that_comes_late_moves_nothing_that_is_read(hub: Hub, publisher: Publisher, visit: Open) -> None:
    publisher.append_all(b"".join(b"line %d\r\n" % n for n in range(1, 501)))
    reader = visit(hub, publisher.token)
    reader.shows("line 500")
    reader.press("k", "k", "k")
    wait_until(lambda: "line 500" not in reader.top, "let go")
    place = reader.top
    publisher.event({"kind": "group", "name": "late", "open": True, "at": 0})
    publisher.append_all(b"".join(b"line %d\r\n" % n for n in range(501, 600)))
    wait_until(lambda: len(reader.lines) == 600, "all lines and the heading are there")
    assert reader.lines[0] == "late"
    assert reader.top == place


def test_a_folded_group_stays_folded_while_it_grows(hub: Hub, publisher: Publisher, visit: Open) -> None:
    publisher.event({"kind": "group", "name": "Build", "open": True})
    publisher.append_all(b"one\r\n")
    reader = visit(hub, publisher.token)
    reader.shows("one")
    build = reader.log.get_by_role("button", name="Build")
    build.click()
    publisher.append_all(b"two\r\nthree\r\n")
    expect(build).to_contain_text("3 rows")
    assert reader.lines == ["Build"]
    expect(build).to_contain_text(re.compile(r"0:0[1-9]"))  # it is timed
