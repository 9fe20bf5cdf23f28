"""The list of all runs, as the hub's owner sees it and works with it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import Locator, Route, expect
from tests.page.test_truth import PHONE
from tests.support.axe import violations
from tests.support.browser import Open
from tests.support.clients import Publisher, new_token
from tests.support.hub import Hub, wait_until
from tests.support.reader import Reader

EXIT = {"kind": "exit", "code": 0, "signal": None}

Begin = Callable[..., Publisher]


@pytest.fixture
def hub(own_hub: Hub) -> Hub:
    """A hub of the test's own: a list has all runs there are."""
    return own_hub


@pytest.fixture
def begin(hub: Hub) -> Iterator[Begin]:
    """Begins runs whose publishers stay: `begin("train.py", b"output", EXIT, host="box")`."""
    with ExitStack() as publishers:

        def begun(name: str, output: bytes = b"", *events: dict[str, Any], **meta: Any) -> Publisher:
            publisher: Publisher = publishers.enter_context(Publisher(hub))
            publisher.open(meta={"name": name, "command": [name], "started": time.time(), **meta})
            if output:
                publisher.append_all(output)
            if events:
                publisher.event(*events)
            return publisher

        yield begun


def task(percent: float, **changes: Any) -> dict[str, Any]:
    """A task event."""
    return {"kind": "task", "id": "t", "label": "Training", "percent": percent, "state": "running", **changes}


def open_list(visit: Open, hub: Hub, **context: Any) -> Reader:
    """The list, opened as `progress hub open` does."""
    return visit(hub, "", path="/", fragment=f"#key={hub.owner_key}", **context)


def rows(reader: Reader) -> Locator:
    """The rows of the table, without its heads."""
    return reader.page.locator("tbody").get_by_role("row")


def names(reader: Reader) -> list[str]:
    """The names of the runs, from the first to the last."""
    return reader.page.locator("tbody .run-link").all_inner_texts()


def row(reader: Reader, name: str) -> Locator:
    """The row of a run."""
    return rows(reader).filter(has=reader.page.get_by_role("link", name=name, exact=True))


# --- the key


def test_the_key_leaves_the_address_and_stays_in_the_tab(hub: Hub, begin: Begin, visit: Open) -> None:
    begin("train.py")
    reader = open_list(visit, hub)
    expect(row(reader, "train.py")).to_be_visible()
    assert reader.page.url == f"{hub.url}/"
    reader.page.reload()
    expect(row(reader, "train.py")).to_be_visible()
    assert not any(hub.owner_key in url.split("#")[0] for url in reader.requests)
    assert hub.owner_key not in hub.log


def test_without_the_key_it_is_asked_for(hub: Hub, begin: Begin, visit: Open) -> None:
    begin("train.py")
    reader = visit(hub, "", path="/")
    field = reader.page.get_by_label("Owner key")
    field.fill("wrong")
    field.press("Enter")
    reader.says("This key is wrong.")
    expect(reader.page.get_by_role("row")).to_have_count(0)
    field.fill(hub.owner_key)
    reader.page.get_by_role("button", name="Open").click()
    expect(row(reader, "train.py")).to_be_visible()


def test_an_empty_list_teaches_the_first_command(hub: Hub, begin: Begin, visit: Open) -> None:
    reader = open_list(visit, hub)
    reader.says("No runs yet")
    reader.says("progress run python3 train.py")
    begin("first.py")
    expect(row(reader, "first.py")).to_be_visible()
    expect(reader.page.get_by_text("No runs yet")).to_have_count(0)


# --- live


def test_a_row_says_what_the_runs_own_page_says(hub: Hub, begin: Begin, visit: Open) -> None:
    run = begin("train.py", b"epoch 1\r\n\x1b[32mepoch 2\x1b[0m\r\n", host="gpu-3", user="ada", tags={"team": "ml"})
    reader = open_list(visit, hub)
    mine = row(reader, "train.py")
    for words in ("running", "epoch 2", "ada@gpu-3", "team=ml"):
        expect(mine).to_contain_text(words)
    run.event(task(42.9, eta=240.0))
    expect(mine.get_by_role("progressbar", name="Training")).to_have_attribute("aria-valuenow", "42")
    expect(mine).to_contain_text("42 %")
    expect(mine).to_contain_text("ETA 3 min")
    expect(reader.page).to_have_title("● 1 running · progress")
    run.append_all(b"Traceback: boom\r\n")
    run.event({"kind": "exit", "code": 3, "signal": None, "t": 61.0})
    for words in ("failed · exit 3", "Traceback: boom", "1:01"):
        expect(mine).to_contain_text(words)
    expect(reader.page).to_have_title("progress")


def test_a_new_run_is_first_and_moves_nothing_else_about(hub: Hub, begin: Begin, visit: Open) -> None:
    begin("one.py")
    reader = open_list(visit, hub)
    expect(rows(reader)).to_have_count(1)
    begin("two.py")
    expect(rows(reader)).to_have_count(2)
    assert names(reader) == ["two.py", "one.py"]


def test_a_run_whose_machine_is_gone_is_told_to_be_lost(hub: Hub, visit: Open) -> None:
    with Publisher(hub) as publisher:
        publisher.open()
        publisher.append_all(b"and then\n")
        reader = open_list(visit, hub)
        expect(row(reader, "job")).to_contain_text("running")
    expect(row(reader, "job")).to_contain_text("lost", timeout=20_000)
    expect(row(reader, "job")).to_contain_text("last heard")


def test_the_list_says_that_the_hub_is_away_and_is_whole_again_when_it_is_back(
    hub: Hub, begin: Begin, visit: Open
) -> None:
    begin("old.py", b"done\n", EXIT)
    begin("live.py", b"working\n")
    reader = open_list(visit, hub)
    expect(rows(reader)).to_have_count(2)
    hub.kill()
    reader.says("Connection to the hub lost")
    reader.says("Jobs go on without it.")
    expect(row(reader, "live.py")).to_contain_text("not connected")
    expect(row(reader, "old.py")).to_contain_text("succeeded")
    hub.start()
    begin("new.py")
    reader.says("live")
    expect(row(reader, "new.py")).to_be_visible(timeout=20_000)
    assert set(names(reader)) == {"new.py", "live.py", "old.py"}


def test_hostile_names_lines_and_tags_are_text(hub: Hub, begin: Begin, visit: Open) -> None:
    evil = "<img src=x onerror=\"document.title='owned'\">\u202egnp.exe"
    begin(
        evil, evil.encode() + b"\x1b]8;;javascript:alert(1)\x07\r\n", task(7, label=evil), tags={evil: evil}, user=evil
    )
    reader = open_list(visit, hub)
    expect(rows(reader)).to_have_count(1)
    expect(rows(reader).locator("img, iframe, script")).to_have_count(0)
    assert "\u202e" not in rows(reader).inner_text()
    assert reader.page.evaluate("document.documentElement.scrollWidth") == 1000


# --- finding


def test_typing_filters_and_heads_sort(hub: Hub, begin: Begin, visit: Open) -> None:
    begin("train.py", b"", task(42), host="gpu-3", tags={"team": "ml"})
    begin("backup", b"done\n", EXIT, host="nas")
    begin("evaluate.py", b"", task(88), host="gpu-3")
    reader = open_list(visit, hub)
    expect(rows(reader)).to_have_count(3)
    reader.press("/")
    reader.page.keyboard.type("GPU-3 ")
    expect(rows(reader)).to_have_count(2)
    reader.says("2 of 3 runs match")
    reader.page.keyboard.type("team=ml")
    expect(rows(reader)).to_have_count(1)
    assert names(reader) == ["train.py"]
    reader.press("Escape")
    expect(rows(reader)).to_have_count(3)

    progress = reader.page.get_by_role("columnheader", name="Progress")
    progress.get_by_role("button").click()
    expect(progress).to_have_attribute("aria-sort", "descending")
    assert names(reader) == ["evaluate.py", "train.py", "backup"]
    progress.get_by_role("button").click()
    expect(progress).to_have_attribute("aria-sort", "ascending")
    assert names(reader) == ["train.py", "evaluate.py", "backup"]
    reader.press("/")
    reader.page.keyboard.type("nothing like it")
    reader.says("No run matches.")


def test_thousands_of_runs_are_loaded_as_they_are_looked_for(hub: Hub, visit: Open) -> None:
    with Publisher(hub) as publisher:
        for n in range(330):
            publisher.run, publisher.token = f"run-{n:04}", new_token()
            publisher.open(meta={"name": publisher.run, "started": 1000.0 + n})
        reader = open_list(visit, hub)
        expect(rows(reader)).to_have_count(100)
        assert names(reader)[0] == "run-0329"
        reader.page.get_by_text(re.compile(r"^\d{3}\+ runs")).wait_for()  # or more: some began just now
        reader.page.locator("tbody tr").last.scroll_into_view_if_needed()
        reader.page.mouse.move(500, 300)
        for _ in range(20):
            reader.page.mouse.wheel(0, 3000)
        expect(row(reader, "run-0150")).to_be_attached()
        reader.press("/")
        reader.page.keyboard.type("0007")
        reader.says("1 of 330 runs match")  # the 323rd, which was not loaded yet
        assert names(reader) == ["run-0007"]


# --- doing


def test_a_run_opens_by_key_and_by_mouse(hub: Hub, begin: Begin, visit: Open) -> None:
    begin("one.py", b"first line of one\n")
    begin("two.py", b"first line of two\n")
    reader = open_list(visit, hub)
    expect(rows(reader)).to_have_count(2)
    reader.press("j", "j", "k", "j")
    expect(reader.page.get_by_role("link", name="one.py")).to_be_focused()
    reader.press("Enter")
    reader.shows("first line of one")
    assert re.fullmatch(rf"{hub.url}/r/[\w-]{{43}}", reader.page.url)
    reader.page.go_back()
    reader.page.get_by_role("link", name="two.py").click()
    reader.shows("first line of two")


def test_several_runs_are_followed_together(hub: Hub, begin: Begin, visit: Open) -> None:
    one, two = begin("one.py", b"one starts\n", task(10)), begin("two.py", b"two starts\n")
    begin("three.py", b"three starts\n", EXIT)
    reader = open_list(visit, hub)
    expect(rows(reader)).to_have_count(3)
    reader.press("g")  # those that go on
    grid = reader.page.get_by_role("region", name="Runs followed together")
    expect(grid.get_by_role("region")).to_have_count(2)
    one.append_all(b"one goes on\n")
    one.event(task(55))
    two.append_all(b"two goes on\n")
    first = grid.get_by_role("region", name="one.py")
    expect(first.get_by_role("log")).to_contain_text("one goes on")
    expect(first.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "55")
    expect(grid.get_by_role("region", name="two.py").get_by_role("log")).to_contain_text("two goes on")
    wait_until(lambda: hub.info(one.token)["viewers"] == 1, "the tile watches the run")
    reader.press("Escape")
    expect(rows(reader)).to_have_count(3)
    wait_until(lambda: hub.info(one.token)["viewers"] == 0, "nobody watches any more")

    reader.press("j", "x")
    expect(reader.page.get_by_role("checkbox", name="Select three.py")).to_be_checked()
    reader.says("1 selected")
    reader.press("g")
    expect(grid.get_by_role("log")).to_contain_text("three starts")


def test_a_grid_that_is_closed_while_it_opens_reads_nothing(hub: Hub, begin: Begin, visit: Open) -> None:
    begin("one.py", b"one starts\n", task(10))
    reader = open_list(visit, hub)
    expect(rows(reader)).to_have_count(1)
    held: list[Route] = []
    waits = True
    reader.page.route("**/info", lambda route: held.append(route) if waits else route.continue_())
    reader.press("g")
    wait_until(lambda: rows(reader).count() == 0 and bool(held), "the tile asks for its run")
    reader.press("Escape")
    expect(rows(reader)).to_have_count(1)
    waits = False
    with reader.page.expect_response("**/info"):
        held[0].continue_()
    reader.press("g")
    expect(reader.page.get_by_role("log")).to_contain_text("one starts")
    assert len([url for url in reader.requests if "/output?" in url]) == 1


def test_deleting_asks_first_and_a_run_that_goes_on_stays(hub: Hub, begin: Begin, visit: Open) -> None:
    over, live = begin("over.py", b"done\n", EXIT), begin("live.py", b"working\n")
    reader, visitor = open_list(visit, hub), visit(hub, over.token)
    visitor.shows("done")
    dialog = reader.page.get_by_role("dialog")
    reader.page.get_by_role("button", name="Delete over.py").click()
    expect(dialog).to_contain_text("Delete over.py?")
    reader.press("Escape")
    expect(dialog).to_have_count(0)
    assert hub.status(f"/r/{over.token}/info") == 200
    reader.page.get_by_role("button", name="Delete over.py").click()
    dialog.get_by_role("button", name="Delete").click()
    expect(row(reader, "over.py")).to_have_count(0)
    visitor.says("This link is not known here any more.")
    assert hub.status(f"/r/{over.token}/info") == 404

    reader.page.get_by_role("link", name="live.py").focus()
    reader.press("d")
    dialog.get_by_role("button", name="Delete").click()
    expect(reader.page.get_by_role("alert")).to_contain_text("This run is running. Stop it first")
    expect(row(reader, "live.py")).to_be_visible()
    assert hub.status(f"/r/{live.token}/info") == 200


def test_keeping_holds_for_every_visitor(hub: Hub, begin: Begin, visit: Open) -> None:
    begin("precious.py", b"done\n", EXIT)
    reader = open_list(visit, hub)
    reader.page.get_by_role("button", name="Keep precious.py").click()
    kept = "precious.py is kept; keep it no longer"
    expect(reader.page.get_by_role("button", name=kept)).to_have_attribute("aria-pressed", "true")
    other = open_list(visit, hub)
    expect(other.page.get_by_role("button", name=kept)).to_be_visible()
    other.page.get_by_role("link", name="precious.py").focus()
    other.press("p")
    expect(other.page.get_by_role("button", name="Keep precious.py")).to_be_visible()


def test_nothing_of_it_is_out_of_reach_of_whom_it_is_read_to(hub: Hub, begin: Begin, visit: Open) -> None:
    """axe-core finds nothing, and the table is one to a screen reader."""
    begin("train.py", b"epoch 1\n", task(42), tags={"team": "ml"})
    begin("over.py", b"done\n", {**EXIT, "code": 1})
    asking = visit(hub, "", path="/")
    expect(asking.page.get_by_label("Owner key")).to_be_visible()
    assert violations(asking.page) == []
    for scheme in ("light", "dark"):
        reader = open_list(visit, hub, color_scheme=scheme)
        expect(rows(reader)).to_have_count(2)
        assert violations(reader.page) == []
    expect(reader.page.get_by_role("rowheader", name=re.compile("train.py epoch 1"))).to_be_visible()
    reader.press("?")
    reader.says("follow the selected runs together")
    assert violations(reader.page) == []
    reader.press("Escape")
    expect(reader.page.get_by_role("dialog")).to_have_count(0)
    reader.press("g")
    expect(reader.page.get_by_role("log")).to_contain_text("epoch 1")
    assert violations(reader.page) == []


def test_a_phone_shows_it_all_within_its_width(hub: Hub, begin: Begin, visit: Open) -> None:
    begin("a very long name of a command " * 4, b"x" * 500 + b"\n", task(42, eta=240.0), host="h" * 60)
    reader = open_list(visit, hub, **PHONE)
    for words in ("running", "42 %", "ETA 3 min"):
        expect(rows(reader).get_by_text(words)).to_be_in_viewport(ratio=1)
    assert reader.page.evaluate("document.documentElement.scrollWidth") == 390
    for button in rows(reader).get_by_role("button").all():
        box = button.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 44
    expect(reader.page.get_by_role("table", name="Runs")).to_have_count(1)
