"""The page for everyone: WCAG 2.2 AA, themes, languages, small screens, and who listens instead of looking."""

from __future__ import annotations

import time
from typing import Any

import pytest
from playwright.sync_api import Locator, expect
from tests.page.test_progress import metric, task
from tests.page.test_truth import PHONE
from tests.support.axe import violations
from tests.support.browser import Open
from tests.support.clients import Publisher
from tests.support.hub import Hub
from tests.support.reader import Reader

SMALL = {"viewport": {"width": 320, "height": 568}, "has_touch": True, "is_mobile": True}
PARTS = ("bar", "bar.firstElementChild")
WIDE = {"viewport": {"width": 1500, "height": 900}}
WHO = {
    "command": ["python3", "train.py"],
    "cwd": "~/work",
    "host": "gpu-3",
    "user": "ada",
    "pty": True,
    "tags": {"team": "vision"},
}
WHENCE = {"git": {"commit": "0123abcd" * 5, "branch": "main"}, "environment": {"python": "3.12.4"}}
COLOURS = b"".join(b"\x1b[%dmcolour %d \x1b[7minverse\x1b[0m\r\n" % (n, n) for n in (*range(30, 38), *range(90, 98)))
THEMES: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "contrast": {"color_scheme": "light", "contrast": "more"},
    "dark contrast": {"color_scheme": "dark", "contrast": "more"},
}


@pytest.fixture
def publisher(hub: Hub) -> Any:
    """A run that has something of everything."""
    with Publisher(hub) as running:
        running.open(meta={"name": "train.py", "started": time.time() - 61, **WHO, **WHENCE})
        yield running


def going_on(publisher: Publisher) -> None:
    """Output in all colours, groups, tasks, metrics and notes."""
    publisher.append_all(COLOURS)
    publisher.event({"kind": "group", "name": "Epoch 1", "open": True, "t": 1.0})
    publisher.event({"kind": "note", "level": "warning", "text": "learning rate below 1e-5", "t": 2.0})
    publisher.event(task("Epochs", percent=40, current=2, total=5, eta=60.0), task("Train", parent="Epochs"))
    publisher.event(*(metric("loss", 1 / (n + 1), n) for n in range(5)), metric("process/cpu", 212.0))
    publisher.append_all(b"the last line\r\n")


@pytest.mark.parametrize("theme", THEMES)
def test_a_live_run_with_its_details(hub: Hub, publisher: Publisher, visit: Open, theme: str) -> None:
    going_on(publisher)
    reader = visit(hub, publisher.token, **WIDE, **THEMES[theme])
    reader.shows("the last line")
    expect(reader.page.get_by_role("complementary").locator("canvas").first).to_be_visible()
    assert violations(reader.page) == []


def test_high_contrast_is_the_systems_wish_or_the_readers(hub: Hub, publisher: Publisher, visit: Open) -> None:
    publisher.append_all(b"hello\r\n")
    wished = visit(hub, publisher.token, **THEMES["contrast"])
    wished.shows("hello")
    expect(wished.page.locator("html")).to_have_css("background-color", "oklch(1 0 0)")
    reader = visit(hub, publisher.token, **THEMES["dark"])
    reader.page.get_by_role("button", name="Settings").click()
    reader.page.get_by_label("Appearance").select_option("High contrast")
    expect(reader.page.locator("html")).to_have_css("background-color", "oklch(0 0 0)")
    assert violations(reader.page) == []
    reader.page.reload()
    expect(reader.page.locator("html")).to_have_css("background-color", "oklch(0 0 0)")


@pytest.mark.parametrize("theme", THEMES)
def test_a_failed_run(hub: Hub, publisher: Publisher, visit: Open, theme: str) -> None:
    going_on(publisher)
    publisher.event({"kind": "note", "level": "error", "text": "Boom", "t": 3.0})
    publisher.event({"kind": "exit", "code": 1, "signal": None, "t": 4.0})
    publisher.seal(COLOURS + b"the last line\r\n")
    reader = visit(hub, publisher.token, **THEMES[theme])
    reader.says("failed · exit 1")
    reader.says("complete, verified")
    assert violations(reader.page) == []


def test_a_run_that_has_written_nothing(hub: Hub, publisher: Publisher, visit: Open) -> None:
    reader = visit(hub, publisher.token)
    reader.says("Waiting for the first line.")
    assert violations(reader.page) == []


def test_the_help_and_a_log_let_go_of(hub: Hub, publisher: Publisher, visit: Open) -> None:
    publisher.append_all(b"line\r\n" * 300)
    reader = visit(hub, publisher.token)
    reader.reaches(publisher.end)
    reader.scroll(-300)
    expect(reader.page.get_by_role("button", name="live")).to_be_visible()
    assert violations(reader.page) == []
    reader.press("?")
    expect(reader.page.get_by_role("dialog")).to_be_visible()
    assert violations(reader.page) == []


def test_the_sheet_gives_the_focus_back(hub: Hub, publisher: Publisher, visit: Open) -> None:
    reader = visit(hub, publisher.token, **PHONE)
    details = reader.page.get_by_role("button", name="Details")
    details.click()
    expect(reader.page.get_by_role("button", name="Close details")).to_be_focused()
    reader.press("Escape")
    expect(details).to_be_focused()


@pytest.mark.parametrize("theme", THEMES)
def test_a_sheet_on_a_phone(hub: Hub, publisher: Publisher, visit: Open, theme: str) -> None:
    going_on(publisher)
    reader = visit(hub, publisher.token, **PHONE, **THEMES[theme])
    reader.shows("the last line")
    assert violations(reader.page) == []
    reader.page.get_by_role("button", name="Details").click()
    expect(reader.page.get_by_role("complementary")).to_be_visible()
    assert violations(reader.page) == []


# --- languages


@pytest.mark.parametrize(
    ("locale", "lang", "words"),
    [
        ("de-DE", "de", ("läuft", "1 sieht zu", "12.288 Bytes", "noch 1 min")),
        ("zh-CN", "zh-Hans", ("运行中", "1 人在看", "12,288 字节", "剩余 1 分钟")),
        ("fr-FR", "en", ("running", "1 watching", "12,288 bytes", "ETA 1 min")),
    ],
)
def test_the_page_speaks_the_readers_language(
    hub: Hub, publisher: Publisher, visit: Open, locale: str, lang: str, words: tuple[str, ...]
) -> None:
    publisher.append_all(b"a line\r\n")
    publisher.event({"kind": "gap", "bytes": 12_288}, task("Epochs", percent=50, eta=110.0, t=61.0))
    reader = visit(hub, publisher.token, locale=locale)
    for each in words:
        reader.says(each)
    expect(reader.page.locator("html")).to_have_attribute("lang", lang)
    assert violations(reader.page) == []


# --- listening


def test_who_listens_hears_of_the_connection_and_the_state_not_of_lines(
    hub: Hub, publisher: Publisher, visit: Open
) -> None:
    reader = visit(hub, publisher.token)
    reader.says("waiting")
    heard = reader.page.get_by_role("status")
    expect(heard.filter(has_text="waiting")).to_have_count(1)
    expect(heard.filter(has_text="live")).to_have_count(1)
    publisher.append_all(b"line\r\n" * 50)
    reader.reaches(publisher.end)
    expect(heard.filter(has_text="line")).to_have_count(0)
    expect(reader.log).to_have_attribute("aria-live", "off")
    publisher.event({"kind": "exit", "code": 1, "signal": None})
    expect(heard.filter(has_text="failed · exit 1")).to_have_count(1)


# --- notifications

OVERHEARD = """
    window.shown = [];
    window.Notification = class extends EventTarget {
        static permission = "%s";
        static asked = 0;
        static async requestPermission() { Notification.asked++; return Notification.permission; }
        constructor(title, { body }) { super(); window.shown.push(`${title}: ${body}`); }
    };
"""


def overheard(reader: Reader, permission: str = "granted") -> None:
    """From now on the page's notifications are kept in a list instead of being shown."""
    reader.page.add_init_script(OVERHEARD % permission)
    reader.page.reload()


def ask_for(reader: Reader, what: str) -> Locator:
    """Tick one of the bell's choices."""
    reader.page.get_by_role("button", name="Notifications").click()
    choice = reader.page.get_by_label(what)
    choice.click()
    return choice


def shown(reader: Reader) -> list[str]:
    found: list[str] = reader.page.evaluate("window.shown")
    return found


def test_the_end_is_told_once_to_who_asked_for_it(hub: Hub, publisher: Publisher, visit: Open) -> None:
    publisher.append_all(b"hello\r\n")
    reader, other = visit(hub, publisher.token), visit(hub, publisher.token)
    for each in (reader, other):
        overheard(each)
        each.shows("hello")
        assert each.page.evaluate("Notification.asked") == 0
    expect(ask_for(reader, "Notify when it ends")).to_be_checked()
    assert violations(reader.page) == []
    publisher.event({"kind": "exit", "code": 1, "signal": None})
    for each in (reader, other):
        each.says("failed · exit 1")
    assert shown(reader) == ["✗ train.py: failed · exit 1"]
    assert shown(other) == []


def test_the_wish_outlasts_a_reload(hub: Hub, publisher: Publisher, visit: Open) -> None:
    reader = visit(hub, publisher.token)
    overheard(reader)
    expect(ask_for(reader, "Notify when it ends")).to_be_checked()
    reader.page.reload()
    expect(reader.page.get_by_role("button", name="Notifications are on")).to_be_visible()
    publisher.event({"kind": "exit", "code": 0, "signal": None})
    reader.says("succeeded")
    assert shown(reader) == ["✓ train.py: succeeded"]


def test_a_refusal_is_told_as_it_is(hub: Hub, publisher: Publisher, visit: Open) -> None:
    reader = visit(hub, publisher.token)
    overheard(reader, "denied")
    expect(ask_for(reader, "Notify when it ends")).not_to_be_checked()
    reader.says("The browser blocks notifications from here.")
    reader.page.get_by_label("Sound a tone").click()
    expect(reader.page.get_by_label("Sound a tone")).to_be_checked()
    publisher.event({"kind": "exit", "code": 0, "signal": None})
    reader.says("succeeded")
    assert shown(reader) == []


# --- letters of every kind


EDGES = """() => [...document.querySelectorAll("[role=log] .row .text")].map((text) => {
    const nodes = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
    let last;
    while (nodes.nextNode()) last = nodes.currentNode;
    const range = document.createRange();
    range.setStart(last, last.length - 1);
    range.setEnd(last, last.length);
    return Math.round(range.getBoundingClientRect().right);
})"""


def test_wide_letters_take_two_cells_and_lines_of_either_direction_begin_at_the_left(
    hub: Hub, publisher: Publisher, visit: Open
) -> None:
    lines = ("熊猫 🐼 한국|", "123456789012|", "שלום (1) abc|")
    publisher.append_all("\r\n".join(lines).encode() + b"\r\n")
    reader = visit(hub, publisher.token)
    reader.shows("123456789012|")
    wide, narrow, hebrew = reader.page.evaluate(EDGES)
    assert wide == pytest.approx(narrow, abs=2)
    assert hebrew == pytest.approx(narrow, abs=2)
    assert reader.lines == list(lines)


def test_wide_letters_are_underlined_and_struck(hub: Hub, publisher: Publisher, visit: Open) -> None:
    publisher.append_all("\x1b[4m한\x1b[9m국\x1b[0m어\r\n".encode())
    reader = visit(hub, publisher.token)
    reader.shows("한국어")
    lines = "letters => letters.map(letter => getComputedStyle(letter).textDecorationLine)"
    assert reader.page.locator(".wide").evaluate_all(lines) == ["underline", "underline line-through", "none"]


# --- small screens, and what the system asks for


@pytest.mark.parametrize("screen", [{**SMALL, **THEMES["dark"]}, WIDE], ids=["320 px, dark", "1500 px"])
def test_what_opens_over_the_log(hub: Hub, publisher: Publisher, visit: Open, screen: dict[str, Any]) -> None:
    going_on(publisher)
    reader = visit(hub, publisher.token, fragment="#L1-L16", **screen)
    expect(reader.page.get_by_role("button", name="Copy link")).to_be_visible()
    assert violations(reader.page) == []
    reader.press("/")
    reader.page.keyboard.type("colour")
    reader.says("16 lines")
    assert violations(reader.page) == []
    assert fits(reader)
    reader.press("Escape")
    for name in ("Settings", "Notifications"):
        reader.page.get_by_role("button", name=name).click()
        assert violations(reader.page) == []
        assert fits(reader)
        reader.press("Escape")


def fits(reader: Reader) -> bool:
    """Whether nothing has to be scrolled sideways but the log itself."""
    return bool(
        reader.page.evaluate("document.documentElement.scrollWidth <= innerWidth && visualViewport.scale === 1")
    )


def test_nothing_moves_for_who_wants_no_motion(hub: Hub, publisher: Publisher, visit: Open) -> None:
    going_on(publisher)
    still, usual = (visit(hub, publisher.token, reduced_motion=wish) for wish in ("reduce", "no-preference"))
    moving = "[...document.querySelectorAll('*')].some((e) => parseFloat(getComputedStyle(e).transitionDuration) > 0)"
    for reader in (still, usual):
        reader.shows("the last line")
    assert usual.page.evaluate(moving)
    assert not still.page.evaluate(moving)
    assert still.page.evaluate("document.getAnimations().length") == 0


def test_bars_keep_their_shape_in_the_systems_own_colours(hub: Hub, publisher: Publisher, visit: Open) -> None:
    going_on(publisher)
    reader = visit(hub, publisher.token, forced_colors="active")
    bar = reader.page.get_by_role("banner").get_by_role("progressbar", name="Epochs")
    expect(bar).to_have_css("border-top-style", "solid")
    ground, fill = (bar.evaluate(f"(bar) => getComputedStyle({which}).backgroundColor") for which in PARTS)
    assert ground != fill
    assert violations(reader.page) == []
