"""The screen of a job that draws: exact, offered by itself, harmless, and honest about what it does not know."""

from __future__ import annotations

import contextlib

from playwright.sync_api import Locator, expect
from tests.page.test_truth import PHONE
from tests.support.axe import violations
from tests.support.browser import Open
from tests.support.clients import Publisher
from tests.support.hub import Hub, wait_until
from tests.support.reader import Reader

FULL_SCREEN = b"\x1b[?1049h\x1b[2J\x1b[H"


def terminal(reader: Reader) -> Locator:
    """The terminal view."""
    return reader.page.get_by_role("region", name="Terminal")


def screen(reader: Reader) -> list[str]:
    """The rows of the screen, as text."""
    rows: list[str] = reader.page.evaluate(
        "[...document.querySelectorAll('.screen > div:not(.cursor)')].map((row) => row.textContent.trimEnd())"
    )
    return rows


def shows_screen(reader: Reader, *rows: str) -> None:
    """Wait until the screen has these rows and is blank below them."""

    def shown() -> str:
        return "\n".join(screen(reader)).rstrip()

    with contextlib.suppress(AssertionError):
        wait_until(lambda: shown() == "\n".join(rows), "the screen shows them")
    assert shown() == "\n".join(rows)


def test_is_offered_when_the_job_draws_on_the_whole_screen(hub: Hub, publisher: Publisher, visit: Open) -> None:
    publisher.append_all(b"before\r\n")
    reader = visit(hub, publisher.token)
    reader.shows("before")
    expect(reader.page.get_by_text("This job draws on the whole screen.")).to_have_count(0)
    assert not any("terminal_view" in url for url in reader.requests)

    publisher.append_all(FULL_SCREEN + b"top\x1b[3;5Hfive across, three down")
    reader.page.get_by_text("This job draws on the whole screen.").wait_for()
    assert violations(reader.page) == []
    reader.page.get_by_role("button", name="Show it").click()
    shows_screen(reader, "top", "", "    five across, three down")
    expect(terminal(reader)).to_contain_text("80×24")
    assert violations(reader.page) == []

    publisher.append_all(b"\x1b[Hnew")
    shows_screen(reader, "new", "", "    five across, three down")
    publisher.append_all(b"\x1b[?1049lafter")
    shows_screen(reader, "before", "after")
    expect(reader.page.get_by_text("This job draws on the whole screen.")).to_have_count(0)


def test_comes_and_goes_by_a_key_and_keeps_the_readers_place(hub: Hub, publisher: Publisher, visit: Open) -> None:
    publisher.append_all(b"".join(b"line %d\r\n" % n for n in range(1, 301)))
    reader = visit(hub, publisher.token)
    reader.shows("line 300")
    reader.press("g")
    reader.shows("line 1")
    reader.press("v")
    shows_screen(reader, *(f"line {n}" for n in range(278, 301)))
    reader.press("/", "v")
    expect(reader.page.get_by_role("search", include_hidden=True)).to_have_count(0)
    expect(terminal(reader)).to_have_count(0)
    assert reader.top == "1 line 1"


def test_the_cells_stay_in_their_columns_whatever_is_in_them(hub: Hub, publisher: Publisher, visit: Open) -> None:
    drawn = "|漢字|e\u0301|👩|█▉▏|─┼─|\u202ertl\u202c|שלום|".encode()
    publisher.append_all(b"x" * 80 + b"\r\n" + drawn + b"\x1b[40G|\x1b[7m inverse \x1b[0m\x1b[80G|\r\n")
    reader = visit(hub, publisher.token)
    reader.reaches(publisher.end)
    reader.press("v")
    wait_until(lambda: "inverse" in "".join(screen(reader)), "the screen is drawn")
    ends: list[float] = reader.page.evaluate(
        """[...document.querySelectorAll('.screen > div:not(.cursor)')].slice(0, 2).map((row) => {
            const range = document.createRange();
            range.selectNodeContents(row);
            return range.getBoundingClientRect().right - row.getBoundingClientRect().left;
        })"""
    )
    assert abs(ends[0] - ends[1]) < 1.5
    assert abs(ends[0] - reader.page.locator(".screen").bounding_box()["width"]) < 1.5  # type: ignore[index]


def test_fits_the_page_and_follows_the_jobs_resizes(hub: Hub, publisher: Publisher, visit: Open) -> None:
    publisher.append_all(b"hello\x1b[24;80HX")
    reader = visit(hub, publisher.token)
    reader.reaches(publisher.end)
    reader.press("v")
    expect(terminal(reader)).to_contain_text("80×24")

    def fits() -> bool:
        return bool(
            reader.page.evaluate(
                """() => {
                    const place = document.querySelector('.terminal-place');
                    const { width, height } = document.querySelector('.screen').getBoundingClientRect();
                    const room = [place.clientWidth / width, place.clientHeight / height];
                    return Math.min(...room) >= 1 && Math.min(...room) < 1.1;
                }"""
            )
        )

    wait_until(fits, "the screen fits")
    publisher.event({"kind": "resize", "cols": 100, "rows": 40})
    publisher.append_all(b"\x1b[2J\x1b[40;100HY")
    expect(terminal(reader)).to_contain_text("100×40")
    wait_until(lambda: len(screen(reader)) == 40 and fits(), "the larger screen fits")
    reader.page.set_viewport_size({"width": 700, "height": 600})
    wait_until(fits, "it fits the smaller page")


def test_a_late_visitor_sees_it_begun_in_the_middle(hub: Hub, publisher: Publisher, visit: Open) -> None:
    publisher.append_all(b"shell\r\n" + FULL_SCREEN)
    frame = b"\x1b[H" + b"".join(b"process %d \x1b[3%dmis busy\x1b[0m\x1b[K\r\n" % (n, n % 8) for n in range(20))
    publisher.append_all(frame * 1500 + b"\x1b[HPROCESS\x1b[J")
    reader = visit(hub, publisher.token)
    reader.page.get_by_role("button", name="Show it").click()
    shows_screen(reader, "PROCESS")
    expect(reader.page.get_by_text("hatched")).to_have_count(0)

    # What is below the normal screen's last row is not known any more, and that is said.
    publisher.append_all(b"\x1b[?1049l")
    reader.says("What is hatched was drawn long before.")


def test_hostile_output_does_nothing(hub: Hub, publisher: Publisher, visit: Open) -> None:
    hostile = (
        b"\x1b]52;c;b3duZWQ=\x07\x1b]0;owned\x07\x1b]2;owned\x1b\\\x1b]8;;javascript:alert(1)\x07a link\x1b]8;;\x07\r\n"
        b"<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">\r\n"
        b"\x1b[c\x1b[6n\x1bP+q544e\x1b\\\x1b[?1;2$p\x1b[21t\x1b[2147483647b\x1b[2147483647S\x1b[2147483647L"
        b"\x1b[2J\x1b[Hthe end"
    )
    publisher.append_all(FULL_SCREEN + hostile)
    reader = visit(hub, publisher.token)
    reader.context.grant_permissions(["clipboard-read", "clipboard-write"])
    reader.page.get_by_role("button", name="Show it").click()
    shows_screen(reader, "the end")
    expect(reader.page).to_have_title("● job · running")
    expect(terminal(reader).locator("a, script, img, iframe, style")).to_have_count(0)
    assert reader.page.evaluate("navigator.clipboard.readText()") != "owned"
    assert {url.split("/")[2] for url in reader.requests if not url.startswith("data:")} == {hub.url.split("/")[2]}


def test_a_job_without_a_terminal_has_none(hub: Hub, visit: Open) -> None:
    with Publisher(hub) as publisher:
        publisher.open(meta={"name": "job", "command": ["job"], "pty": False})
        publisher.append_all(FULL_SCREEN + b"piped\n")
        reader = visit(hub, publisher.token)
        reader.reaches(publisher.end)
        reader.press("v")
        expect(reader.page.get_by_role("slider")).to_be_visible()
        expect(terminal(reader)).to_have_count(0)
        expect(reader.page.get_by_text("This job draws on the whole screen.")).to_have_count(0)


def test_on_a_phone(hub: Hub, publisher: Publisher, visit: Open) -> None:
    publisher.append_all(FULL_SCREEN + b"hello")
    reader = visit(hub, publisher.token, **PHONE)
    show = reader.page.get_by_role("button", name="Show it")
    show.wait_for()
    box = show.bounding_box()
    assert box
    assert box["height"] >= 44
    show.tap()
    shows_screen(reader, "hello")
    assert reader.page.evaluate("document.documentElement.scrollWidth") == 390
