"""What a reader sees: lines as they come, drawn as a terminal would, from the first to the last."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import expect
from tests.support.browser import Open
from tests.support.clients import Publisher
from tests.support.hub import Hub, wait_until
from tests.support.lines import numbered, texts
from tests.support.reader import Reader


def test_lines_appear_as_they_come(hub: Hub, publisher: Publisher, visit: Open) -> None:
    reader = visit(hub, publisher.token)
    reader.says("Waiting for the first line.")
    for n in range(1, 4):
        publisher.append_all(numbered(n, n))
        reader.shows(f"line {n}")
    publisher.append_all(b"half a ")
    reader.shows("half a")
    publisher.append_all(b"line\r\n")
    reader.shows("half a line")
    assert reader.lines == [*texts(1, 3), "half a line"]
    expect(reader.rows.first).to_have_attribute("data-n", "1")


def test_who_runs_what_and_how_it_stands(hub: Hub, visit: Open) -> None:
    with Publisher(hub) as publisher:
        started = {"started": time.time() - 61, "pty": False}
        who = {"command": ["python3", "a b.py"], "cwd": "~/work", "host": "gpu-3", "user": "ada"}
        publisher.open(meta={"name": "train.py", **who, **started})
        publisher.append_all(b"one\ntwo\n")
        reader = visit(hub, publisher.token)
        for words in (
            "train.py",
            "running",
            "python3 'a b.py'",
            "ada@gpu-3 ~/work",
            "2 lines",
            "8 bytes",
            "1 watching",
        ):
            reader.says(words)
        expect(reader.page.locator("time")).to_have_text(re.compile(r"^1:0\d$"))
        expect(reader.page).to_have_title("● train.py · running")
        reader.says("live")

        publisher.event({"kind": "exit", "code": 1, "signal": None})
        publisher.seal(b"one\ntwo\n")
        reader.says("failed · exit 1")
        reader.says("complete, verified")
        expect(reader.page).to_have_title("✗ train.py · failed · exit 1")
        expect(reader.page.locator("link[rel=icon]")).to_have_attribute("href", re.compile("^data:image/svg"))


def test_a_killed_job_says_by_what(hub: Hub, publisher: Publisher, visit: Open) -> None:
    publisher.event({"kind": "exit", "code": None, "signal": 9})
    reader = visit(hub, publisher.token)
    reader.says("killed · SIGKILL")
    reader.says("wrote nothing")


def test_colours_and_attributes(hub: Hub, publisher: Publisher, visit: Open) -> None:
    publisher.append_all(
        b"\x1b[31mred\x1b[0m \x1b[1;38;2;1;2;3mbold true colour\x1b[0m \x1b[7minverse\x1b[0m plain\r\n"
    )
    reader = visit(hub, publisher.token)
    expect(reader.log.get_by_text("red", exact=True)).to_have_class("f1")
    true_colour = reader.log.get_by_text("bold true colour")
    expect(true_colour).to_have_css("color", "rgb(1, 2, 3)")
    expect(true_colour).to_have_css("font-weight", "600")
    expect(reader.log.get_by_text("inverse")).to_have_class("ink-paper paper-ink")


def test_bars_collapse_to_their_last_state(hub: Hub, publisher: Publisher, visit: Open) -> None:
    bars = b"".join(b"\rEpochs %3d%%\r\n\rTrain %3d%%\x1b[A" % (n // 4, n) for n in range(101))
    publisher.append_all(b"before\r\n" + bars + b"\r\n\r\nafter\r\n")
    reader = visit(hub, publisher.token)
    reader.shows("after")
    assert reader.lines == ["before", "Epochs  25%", "Train 100%", "after"]


def test_a_late_visitor_sees_the_end_and_reaches_the_beginning(hub: Hub, publisher: Publisher, visit: Open) -> None:
    publisher.append_all(numbered(1, 100_000))
    reader = visit(hub, publisher.token)
    reader.shows("line 100000")
    reader.reaches(publisher.end)
    reader.press("g")
    reader.shows("line 1")
    assert reader.top == "1 line 1"
    reader.press("j", "j", "j", "k")
    wait_until(lambda: reader.top == "3 line 3", "the keys move by lines")
    assert reader.lines == texts(1, 100_000)


def test_a_place_at_the_end_holds_while_the_history_comes(hub: Hub, publisher: Publisher, visit: Open) -> None:
    publisher.append_all(numbered(1, 200_000))
    reader = visit(hub, publisher.token)
    reader.shows("line 200000")
    reader.press("k", "k", "k", "k", "k")
    place = reader.top
    reader.reaches(publisher.end)
    wait_until(lambda: reader.page.locator(".row.about").count() == 0, "all numbers are counted")
    assert reader.top == place


def test_following_lets_go_and_comes_back(hub: Hub, publisher: Publisher, visit: Open) -> None:
    publisher.append_all(numbered(1, 500))
    reader = visit(hub, publisher.token)
    reader.shows("line 500")
    back = reader.page.get_by_role("button", name="live")
    expect(back).to_have_count(0)

    reader.scroll(-400)
    expect(back).to_be_visible()
    wait_until(lambda: not reader.rows.filter(has_text="line 500").count(), "the end is out of sight")
    place = reader.top
    publisher.append_all(numbered(501, 712))
    expect(back).to_have_text("↓ live · 212 new lines")
    assert reader.top == place

    reader.press("f")
    reader.shows("line 712")
    expect(back).to_have_count(0)
    publisher.append_all(numbered(713, 800))
    reader.shows("line 800")

    reader.scroll(-400)
    expect(back).to_be_visible()
    reader.scroll(4000)
    expect(back).to_have_count(0)


def bottom(reader: Reader) -> float:
    """Where the page ends, in px."""
    found: float = reader.page.evaluate("document.querySelector('footer').getBoundingClientRect().bottom")
    return found


def test_a_window_of_another_size_still_follows(hub: Hub, publisher: Publisher, visit: Open) -> None:
    publisher.append_all(numbered(1, 500))
    reader = visit(hub, publisher.token)
    reader.shows("line 500")
    for height in (700, 400, 900):
        reader.page.set_viewport_size({"width": 1000, "height": height})
        wait_until(lambda height=height: bottom(reader) == height, "the page has the window's height")  # type: ignore[misc]
        publisher.append_all(b"%d high\r\n" % height)
        reader.shows(f"{height} high")
    expect(reader.page.get_by_role("button", name="live")).to_have_count(0)


def test_a_selection_stays_and_copies_as_text(hub: Hub, publisher: Publisher, visit: Open) -> None:
    publisher.append_all(numbered(1, 100))
    reader = visit(hub, publisher.token)
    reader.shows("line 100")
    reader.select("line 90", "line 92")
    publisher.append_all(numbered(101, 400))
    expect(reader.page.get_by_role("button", name="live")).to_have_text("↓ live · 300 new lines")
    assert reader.page.evaluate("String(getSelection())").splitlines() == texts(90, 92)


def test_reloading_loses_and_repeats_nothing(hub: Hub, publisher: Publisher, visit: Open) -> None:
    publisher.append_all(numbered(1, 1000))
    reader = visit(hub, publisher.token)
    reader.reaches(publisher.end)
    reader.page.reload()
    publisher.append_all(numbered(1001, 2000))
    reader.reaches(publisher.end)
    assert reader.lines == texts(1, 2000)


def test_a_gap_is_drawn_in_its_place(hub: Hub, publisher: Publisher, visit: Open) -> None:
    publisher.append_all(numbered(1, 3))
    reader = visit(hub, publisher.token)
    reader.shows("line 3")
    publisher.event({"kind": "gap", "bytes": 12_288})
    publisher.append_all(numbered(4, 6))
    reader.shows("12,288 bytes are missing here: they could not be recorded")
    for again in (False, True):
        if again:
            reader.page.reload()
        reader.reaches(publisher.end)
        expect(reader.rows.nth(3)).to_contain_text("12,288 bytes are missing here")
        expect(reader.rows.nth(4)).to_have_attribute("data-n", "4")


def test_resizes_are_followed(hub: Hub, publisher: Publisher, visit: Open) -> None:
    publisher.append_all(b"begin\r\n")
    publisher.event({"kind": "resize", "cols": 20, "rows": 10})
    publisher.append_all(b"x" * 30 + b"\rY\r\n")
    reader = visit(hub, publisher.token)
    reader.reaches(publisher.end)
    assert reader.lines == ["begin", "x" * 20 + "Y" + "x" * 9]


def test_the_alternate_screen_is_shown_while_it_lasts(hub: Hub, publisher: Publisher, visit: Open) -> None:
    publisher.append_all(b"before\r\n\x1b[?1049h\x1b[Ha full screen")
    reader = visit(hub, publisher.token)
    reader.shows("a full screen")
    publisher.append_all(b"\x1b[?1049lafter\r\n")
    reader.shows("after")
    assert reader.lines == ["before", "after"]


def test_keys_are_explained(hub: Hub, publisher: Publisher, visit: Open) -> None:
    reader = visit(hub, publisher.token)
    reader.says("live")
    reader.press("?")
    dialog = reader.page.get_by_role("dialog")
    expect(dialog).to_contain_text("follow the end")
    reader.press("Escape")
    expect(dialog).to_have_count(0)


def test_a_long_command_line_takes_only_the_room_there_is(hub: Hub, visit: Open) -> None:
    with Publisher(hub) as publisher:
        publisher.open(meta={"name": "job", "command": ["job", *["--option"] * 100], "started": time.time()})
        publisher.append_all(b"hello\n")
        reader = visit(hub, publisher.token, viewport={"width": 900, "height": 400})
        reader.shows("hello")
        viewers = reader.page.locator(".viewers").bounding_box()
        assert viewers is not None
        assert viewers["x"] + viewers["width"] <= 900


@pytest.mark.parametrize("width", [320, 640])
def test_nothing_is_wider_than_a_phone(hub: Hub, publisher: Publisher, visit: Open, width: int) -> None:
    publisher.append_all(numbered(1, 50) + b"a long line " * 50 + b"\r\n")
    reader = visit(hub, publisher.token, viewport={"width": width, "height": 568}, has_touch=True, is_mobile=True)
    reader.shows("a long line")
    assert reader.page.evaluate("document.documentElement.scrollWidth") == width
    assert reader.page.evaluate("visualViewport.scale") == 1
    for button in reader.page.get_by_role("button").all():
        box = button.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 44
