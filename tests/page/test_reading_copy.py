"""What is selected is copied as the job wrote it, however little of it is drawn."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from tests.support.browser import Open
from tests.support.clients import Publisher
from tests.support.hub import Hub, wait_until
from tests.support.lines import append_at, numbered, texts
from tests.support.reader import Reader

MAY_COPY = ["clipboard-read", "clipboard-write"]


def copied(reader: Reader) -> str:
    """What is on the clipboard, as soon as there is something."""
    reader.page.wait_for_function("async () => (await navigator.clipboard.readText()) !== ''")
    found: str = reader.page.evaluate("navigator.clipboard.readText()")
    return found


def drag(reader: Reader, start: str, wheel: int, end: str) -> None:
    """Press the button in the middle of a line, turn the wheel, and let go in the middle of another."""
    reader.point_at(start)
    reader.page.mouse.down()
    reader.page.mouse.move(300, 300)
    reader.page.mouse.wheel(0, wheel)
    reader.shows(end)
    reader.point_at(end)
    reader.page.mouse.up()


def test_a_drag_through_rows_that_are_gone(hub: Hub, publisher: Publisher, visit: Open) -> None:
    publisher.append_all(numbered(1001, 2000))
    reader = visit(hub, publisher.token, permissions=MAY_COPY)
    reader.reaches(publisher.end)
    reader.press("g")
    reader.shows("line 1005")
    drag(reader, "line 1005", 3000, "line 1160")
    reader.press("Control+c")
    lines = copied(reader).split("\n")
    assert lines[1:-1] == texts(1006, 1159)
    assert "line 1005".endswith(lines[0])
    assert lines[0] != "line 1005"
    assert "line 1160".startswith(lines[-1])
    assert lines[-1]


def test_times_and_numbers_are_not_copied(hub: Hub, publisher: Publisher, visit: Open) -> None:
    append_at(publisher, 1.0, numbered(1, 20))
    publisher.event({"kind": "gap", "bytes": 12})
    append_at(publisher, 100.0, numbered(21, 40))
    reader = visit(hub, publisher.token, permissions=MAY_COPY)
    reader.press("t", "z")
    reader.shows("line 40")
    reader.select("line 15", "line 30")
    reader.press("Control+c")
    assert copied(reader).split("\n") == texts(15, 30)


def test_the_whole_log_is_selected_and_copied(hub: Hub, publisher: Publisher, visit: Open) -> None:
    publisher.append_all(numbered(1, 20_000))
    reader = visit(hub, publisher.token, permissions=MAY_COPY)
    reader.reaches(publisher.end)
    reader.press("Control+a", "Control+c")
    reader.says("Copied")
    assert copied(reader).split("\n") == texts(1, 20_000)


def test_without_a_clipboard_one_copies_twice(hub: Hub, publisher: Publisher, visit: Open) -> None:
    publisher.append_all(numbered(1, 20_000))
    reader = visit(hub, publisher.token, permissions=MAY_COPY)
    reader.page.evaluate("delete Clipboard.prototype.write")
    reader.reaches(publisher.end)
    reader.press("Control+a", "Control+c")
    reader.says("copy once more")
    reader.press("Control+c")
    reader.says("Copied")
    assert copied(reader).split("\n") == texts(1, 20_000)


def test_too_much_to_copy_is_said(hub: Hub, publisher: Publisher, visit: Open) -> None:
    publisher.append_all((b"x" * 1000 + b"\r\n") * 21_000 + b"the end\r\n", size=65_536)
    reader = visit(hub, publisher.token, permissions=MAY_COPY)
    reader.shows("the end")
    reader.press("Control+a", "Control+c")
    reader.says("21.0 MB are selected; 20.0 MB can be copied")


@pytest.mark.parametrize("key", ["Control+c", "Control+Insert"])
def test_what_is_selected_elsewhere_is_the_browsers(hub: Hub, publisher: Publisher, visit: Open, key: str) -> None:
    publisher.append_all(numbered(1, 3))
    reader = visit(hub, publisher.token, permissions=MAY_COPY)
    reader.shows("line 3")
    reader.page.evaluate("getSelection().selectAllChildren(document.querySelector('h1'))")
    reader.press(key)
    wait_until(lambda: "job" in copied(reader), "the title is copied")
    expect(reader.rows).to_have_count(3)
