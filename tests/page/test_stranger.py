"""Somebody who has never seen the page gets a link on their phone, and has nothing but the page to go by."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect
from tests.page.test_people import overheard, shown
from tests.page.test_truth import PHONE
from tests.support.browser import Open
from tests.support.clients import Publisher
from tests.support.hub import Hub
from tests.support.lines import numbered

ERROR = b"error: no space left on device\r\n"


def test_a_strangers_checklist(hub: Hub, publisher: Publisher, visit: Open) -> None:
    log = numbered(1, 3000) + ERROR + numbered(3002, 6000)
    publisher.append_all(log)

    stranger = visit(hub, publisher.token, **PHONE, permissions=["clipboard-read", "clipboard-write"])
    overheard(stranger)
    stranger.shows("line 6000")
    page = stranger.page

    # find the error
    page.get_by_role("button", name="search the log").tap()
    page.get_by_role("textbox", name="Search the log").fill("error")
    stranger.says("1 line")
    page.get_by_role("button", name="Next").tap()
    stranger.shows("no space left on device")

    # copy a link to it
    stranger.log.locator('.number[data-n="3001"]').tap()
    page.get_by_role("button", name="Copy link").tap()
    stranger.says("Link to line 3,001 copied")
    link = page.evaluate("navigator.clipboard.readText()")

    # open that link elsewhere
    colleague = visit(hub, publisher.token, fragment=link.removeprefix(stranger.url))
    colleague.shows("no space left on device")
    expect(colleague.log.locator(".row.linked")).to_have_text("error: no space left on device")

    # be told when the job ends
    page.get_by_role("button", name="Notifications").tap()
    page.get_by_label("Notify when it ends").tap()
    expect(page.get_by_label("Notify when it ends")).to_be_checked()
    page.keyboard.press("Escape")
    publisher.event({"kind": "exit", "code": 1, "signal": None})
    publisher.seal(log)
    stranger.says("failed · exit 1")
    assert shown(stranger) == ["✗ job: failed · exit 1"]

    # download the log
    page.get_by_role("button", name="Keep a copy").tap()
    with page.expect_download() as downloading:
        page.get_by_role("link", name=".txt").tap()
    assert Path(downloading.value.path()).read_bytes() == log.replace(b"\r\n", b"\n")
