"""Output is the job's, and may be anybody's: nothing of it runs, leaves or deceives."""

from __future__ import annotations

from playwright.sync_api import expect
from tests.support.browser import Open
from tests.support.clients import Publisher
from tests.support.hub import Hub

HOSTILE = (
    b"<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">\r\n"
    b"\x1b]8;;javascript:alert(1)\x07a link\x1b]8;;\x07 \x1b]52;c;b3duZWQ=\x07\x1b]0;owned\x07\x1b]2;owned\x1b\\\r\n"
    b"\xe2\x80\xaeoverridden\xe2\x81\xa6 and left open\r\n"
    b"\x1bP+q544e\x1b\\\x1b[c\x1b[6n\x1b[?1;2$p\x1b[2147483647b\x1b[2147483647S\x1b[2147483647Z\r\n"
    b"e" + "\u0301".encode() * 50_000 + b"\r\n"
    b"\xff\xfe\xc3(\x00\x80\r\n"
)


def test_hostile_output_is_text(hub: Hub, publisher: Publisher, visit: Open) -> None:
    publisher.append_all(HOSTILE + b"the end\r\n")
    reader = visit(hub, publisher.token)
    reader.shows("the end")
    assert reader.lines[0] == HOSTILE.split(b"\r\n")[0].decode()
    assert reader.lines[1] == "a link "
    expect(reader.log.locator(".text a, script, img, iframe")).to_have_count(0)
    expect(reader.page).to_have_title("● job · running")
    expect(reader.log.get_by_text("overridden")).to_have_css("unicode-bidi", "isolate")
    assert {url.split("/")[2] for url in reader.requests if not url.startswith("data:")} == {hub.url.split("/")[2]}


def test_an_endless_line_says_how_much_more_there_is(hub: Hub, publisher: Publisher, visit: Open) -> None:
    publisher.append_all(b"y" * 1_000_000 + b"\r\nnext\r\n")
    reader = visit(hub, publisher.token)
    reader.shows("next")
    reader.reaches(publisher.end)
    expect(reader.rows.first).to_contain_text("… 995,904 more characters")
    assert [len(line) for line in reader.lines] == [1_000_000, 4]


def test_a_hub_that_denies_that_a_run_is_encrypted(hub: Hub, publisher: Publisher, visit: Open) -> None:
    """Its link says so; what the hub may have put in its place is not shown."""
    publisher.append_all(b"forged\r\n")
    reader = visit(hub, publisher.token, fragment=f"#e2e={'A' * 43}")
    reader.says("what the hub has isn't encrypted")
    expect(reader.log).to_have_count(0)
