"""What a visitor can keep of a run."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect
from tests.support.browser import Open
from tests.support.clients import Publisher
from tests.support.hub import Hub


@pytest.mark.parametrize(
    ("name", "holds"),
    [
        ("plain text", b"red\n"),
        ("text with its colours", b"\x1b[31mred\x1b[0m\r\n"),
        ("a recording", rb"\u001b[31mred"),
        ("a page with its colours", b">red</span>"),
        ("all metrics", b"loss,1,0.5"),
    ],
)
def test_a_run_can_be_kept_while_it_goes_on(
    hub: Hub, publisher: Publisher, visit: Open, tmp_path: Path, name: str, holds: bytes
) -> None:
    publisher.append_all(b"\x1b[31mred\x1b[0m\r\n")
    publisher.event({"kind": "metric", "name": "loss", "value": 0.5, "step": 1})
    reader = visit(hub, publisher.token)
    reader.shows("red")
    reader.page.get_by_role("button", name="Keep a copy").click()
    with reader.page.expect_download() as download:
        reader.page.get_by_role("link", name=name).click()
    assert download.value.suggested_filename.startswith(publisher.run)
    kept = tmp_path / "kept"
    download.value.save_as(kept)
    assert holds in kept.read_bytes()


def test_a_kept_page_shows_the_colours_without_the_hub(
    hub: Hub, publisher: Publisher, visit: Open, tmp_path: Path
) -> None:
    publisher.append_all(b"\x1b[38;5;196mred\x1b[0m <b>plain</b>\r\n 50%\r100%\r\n")
    reader = visit(hub, publisher.token)
    reader.shows("red")
    kept = tmp_path / "kept.html"
    kept.write_bytes(hub.get(f"/r/{publisher.token}.html?download=1"))
    reader.page.goto(kept.as_uri())
    expect(reader.page.get_by_text("red", exact=True)).to_have_css("color", "rgb(255, 0, 0)")
    assert reader.page.locator("pre").inner_text() == "red <b>plain</b>\n100%\n"
