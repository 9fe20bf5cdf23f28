"""The page says what is missing, where and how much, and claims nothing that it doesn't know."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from tests.page.test_faults import published_again
from tests.support.browser import Open
from tests.support.clients import Publisher
from tests.support.damage import flip_a_bit
from tests.support.hub import Hub, wait_until
from tests.support.lines import numbered, texts
from tests.support.reader import Reader

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def fetches(reader: Reader) -> int:
    """How often the page has asked for output."""
    return sum("/output?" in url for url in reader.requests)


def hole_of(begin: int, end: int) -> str:
    """What is said in the place of a hole."""
    return f"{end - begin:,} bytes are missing here: damaged in the hub's store"


# --- what could not be recorded


def test_gaps_are_added_up_and_verified_is_not_said_without_them(hub: Hub, publisher: Publisher, visit: Open) -> None:
    publisher.append_all(numbered(1, 1000))
    publisher.event({"kind": "gap", "bytes": 12_288})
    publisher.append_all(numbered(1001, 2000))
    reader = visit(hub, publisher.token)
    reader.says("1 gap: 12,288 bytes could not be recorded.")
    publisher.event({"kind": "gap", "bytes": 1024}, {"kind": "exit", "code": 0, "signal": None})
    reader.shows("1,024 bytes are missing here: they could not be recorded")
    publisher.seal(numbered(1, 2000))
    reader.says("verified as far as it was recorded")
    reader.says("2 gaps: 13,312 bytes could not be recorded.")
    assert reader.lines == [*texts(1, 1000), "", *texts(1001, 2000), ""]


def test_what_the_recorder_has_to_say_stands_where_it_was_said(hub: Hub, publisher: Publisher, visit: Open) -> None:
    said = "The recorder was killed; <b>what the job writes</b> from here on is not recorded."
    publisher.append_all(b"line 1\r\nline ")
    publisher.event({"kind": "note", "level": "error", "text": said}, {"kind": "note", "level": "info", "text": "calm"})
    reader = visit(hub, publisher.token)
    reader.shows(said)
    assert reader.lines == ["line 1", "line ", said]
    publisher.append_all(b"2\r\nline 3\r\n")
    reader.shows("line 3")
    assert reader.lines == ["line 1", "line 2", said, "line 3"]
    expect(reader.log.locator("b")).to_have_count(0)
    expect(reader.rows.nth(3)).to_have_attribute("data-n", "3")


def test_a_note_is_cut_where_it_is_long(hub: Hub, publisher: Publisher, visit: Open) -> None:
    publisher.event({"kind": "note", "level": "error", "text": "many\nwords " * 500})
    reader = visit(hub, publisher.token)
    reader.shows("many words many words")
    assert [len(line) for line in reader.lines] == [241]


# --- what the hub has lost


def test_a_hole_is_drawn_in_its_place_and_mended(hub: Hub, publisher: Publisher, visit: Open) -> None:
    truth = numbered(1, 3000)
    publisher.append_all(truth, size=4096)
    begin, end = flip_a_bit(hub, publisher.run, 10_000)
    reader = visit(hub, publisher.token)
    reader.reaches(len(truth))
    reader.says(f"1 hole: {end - begin:,} bytes damaged in the hub's store, at byte {begin:,}.")
    assert reader.lines == [*drawn(truth[:begin]), "", *drawn(truth[end:])]
    reader.scroll(200 - 20 * truth[end:].count(b"\n"))
    reader.shows(hole_of(begin, end))

    publisher.append_all(numbered(3001, 3010))
    reader.reaches(publisher.end)
    assert fetches(reader) < 10

    publisher.append(begin, truth[begin:end])
    wait_until(lambda: reader.lines == texts(1, 3010), "what was damaged is shown")
    expect(reader.page.get_by_text("1 hole")).to_have_count(0)
    assert fetches(reader) < 20


def drawn(output: bytes) -> list[str]:
    """Output as lines; the last one may not have ended."""
    return output.decode().removesuffix("\r\n").split("\r\n")


@pytest.mark.parametrize("where", ["in the history", "at the tail's begin", "in the tail", "at the end"])
def test_a_hole_anywhere_in_a_long_log(hub: Hub, publisher: Publisher, visit: Open, where: str) -> None:
    truth = numbered(1, 100_000)
    publisher.append_all(truth)
    size = len(truth)
    places = {
        "in the history": 500_000,
        "at the tail's begin": size - 256 * 1024,
        "in the tail": size - 100_000,
        "at the end": size - 1,
    }
    begin, end = flip_a_bit(hub, publisher.run, places[where])
    first, again = visit(hub, publisher.token), visit(hub, publisher.token)
    for reader in (first, again):
        reader.reaches(size)
        after = drawn(truth[end:]) if end < size else []
        assert reader.lines == [*drawn(truth[:begin]), "", *after]
        reader.says("1 hole:")
        assert fetches(reader) < 20


def test_an_ended_run_with_a_hole_is_not_complete(hub: Hub, publisher: Publisher, visit: Open) -> None:
    truth = numbered(1, 1000)
    publisher.append_all(truth, size=4096)
    publisher.event({"kind": "exit", "code": 0, "signal": None})
    reader = visit(hub, publisher.token)
    reader.says("ended · the hub has 9,893 bytes, not yet confirmed to be all")
    publisher.seal(truth)
    reader.says("complete, verified")
    expect(reader.page.get_by_text("verified")).to_have_attribute("title", re.compile("9,893 bytes with the SHA-256 "))

    begin, end = flip_a_bit(hub, publisher.run, 5000)
    late = visit(hub, publisher.token)
    late.reaches(len(truth))
    for each in (reader, late):
        each.says("ended · not complete")
        each.says(f"1 hole: {end - begin:,} bytes damaged in the hub's store, at byte {begin:,}.")
    assert reader.lines == texts(1, 1000)  # what was shown before stays


def test_a_copy_that_differs_is_flagged(hub: Hub, publisher: Publisher, visit: Open) -> None:
    truth = numbered(1, 10)
    publisher.append_all(truth)
    reader = visit(hub, publisher.token)
    publisher.append(0, truth.replace(b"line 3", b"lime 3"))
    reader.says("The runner's copy differs from the hub's at byte 18.")
    assert reader.lines == texts(1, 10)


# --- what is known of the run


def test_states_change_as_the_run_does(hub: Hub, visit: Open) -> None:
    with Publisher(hub) as publisher:
        publisher.open()
        publisher.append_all(numbered(1, 3))
        reader = visit(hub, publisher.token)
        reader.says("running")
    reader.says("lost · last heard ")
    expect(reader.page).to_have_title(re.compile(r"^◌ job · lost · last heard \d+ s ago$"))
    heard, clock = reader.page.get_by_text("last heard").last, reader.page.locator("time")
    expect(heard).to_have_attribute("title", re.compile(r"last heard .*\d:\d\d"))
    before, stopped = heard.text_content() or "", clock.text_content() or ""
    expect(heard).not_to_have_text(before)
    expect(heard).to_have_text(re.compile(r"^ · last heard \d+ s ago$"))
    expect(clock).to_have_text(stopped)

    with published_again(hub, publisher) as back:
        reader.says("running")
        expect(reader.page).to_have_title("● job · running")
        back.append_all(numbered(4, 5))
        back.event({"kind": "exit", "code": 0, "signal": None})
        back.seal(numbered(1, 5))
        reader.says("succeeded")
        expect(reader.page).to_have_title("✓ job · succeeded")
    reader.says("complete, verified")
    assert reader.lines == texts(1, 5)


def test_nothing_is_claimed_while_the_hub_is_away(own_hub: Hub, own_publisher: Publisher, visit: Open) -> None:
    own_publisher.append_all(numbered(1, 3))
    reader = visit(own_hub, own_publisher.token)
    reader.says("1 watching")
    reader.says("live")
    own_hub.kill()
    reader.says("not connected · running ")
    reader.says("hub unreachable, the job goes on without it")
    reader.says("; last heard ")
    expect(reader.page).to_have_title(re.compile(r"^◌ job · not connected · running \d+ s ago$"))
    expect(reader.page.get_by_text("watching")).to_have_count(0)
    expect(reader.page.get_by_text("live")).to_have_count(0)
    own_hub.start()
    with published_again(own_hub, own_publisher):
        reader.says("live")
        expect(reader.page).to_have_title("● job · running")


def test_what_has_ended_is_said_without_the_hub_too(own_hub: Hub, own_publisher: Publisher, visit: Open) -> None:
    own_publisher.append_all(numbered(1, 3))
    own_publisher.event({"kind": "exit", "code": 1, "signal": None})
    reader = visit(own_hub, own_publisher.token)
    reader.says("not yet confirmed")
    own_hub.kill()
    reader.says("hub unreachable")
    expect(reader.page.get_by_text("the job goes on")).to_have_count(0)
    expect(reader.page).to_have_title("✗ job · failed · exit 1")
    own_hub.start()
    with published_again(own_hub, own_publisher) as back:
        back.seal(numbered(1, 3))
        reader.says("complete, verified")
    own_hub.kill()
    reader.says("complete, verified")


def test_a_phone_has_room_for_what_is_wrong(hub: Hub, publisher: Publisher, visit: Open) -> None:
    publisher.append_all(numbered(1, 100))
    publisher.event({"kind": "gap", "bytes": 12_288})
    publisher.append_all(numbered(101, 110))
    reader = visit(hub, publisher.token, **PHONE)
    reader.shows("12,288 bytes are missing here")
    expect(reader.log.get_by_text("12,288 bytes are missing here: they could not be recorded")).to_be_in_viewport(
        ratio=1
    )
    expect(reader.page.get_by_text("1 gap: 12,288 bytes could not be recorded.")).to_be_in_viewport(ratio=1)
    expect(reader.page.get_by_text("live")).to_be_in_viewport(ratio=1)
    assert reader.page.evaluate("document.documentElement.scrollWidth") == 390
