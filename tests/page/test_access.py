"""The owner gives out links and takes them back; a private run asks for a key."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect
from tests.support.asking import ask
from tests.support.axe import violations
from tests.support.browser import Open
from tests.support.clients import Publisher, Viewer, new_token
from tests.support.hub import Hub, wait_until
from tests.support.owned_run import OwnedRun
from tests.support.reader import Reader

CUT_SECONDS = 2.0


@pytest.fixture
def run(hub: Hub) -> Iterator[OwnedRun]:
    """A run with some output, and an owner."""
    with OwnedRun(hub) as made:
        made.append_all(b"hello\r\n")
        yield made


@contextmanager
def private_run(hub: Hub) -> Iterator[Publisher]:
    """A private run with some output."""
    with Publisher(hub) as made:
        made.open(meta={"name": "job", "private": True})
        made.append_all(b"the secret\r\n")
        yield made


@pytest.fixture
def private(hub: Hub) -> Iterator[Publisher]:
    """One at the hub that the tests share."""
    with private_run(hub) as made:
        yield made


# --- links


def links_of(reader: Reader) -> Locator:
    """The dialog of the run's links, opened."""
    reader.page.get_by_role("button", name="Links to this run").click()
    return reader.page.get_by_role("dialog", name="Links to this run")


def row(dialog: Locator, label: str) -> Locator:
    """What is said of a link."""
    return dialog.get_by_role("row").filter(has=dialog.page.get_by_role("rowheader", name=label, exact=True))


def make(dialog: Locator, label: str, role: str, lasts: str) -> str:
    """A new link's token; who clicks twice gets one."""
    dialog.get_by_role("textbox", name="For").fill(label)
    dialog.get_by_role("combobox", name="Allows").select_option(role)
    dialog.get_by_role("combobox", name="Lasts").select_option(lasts)
    dialog.get_by_role("button", name="Make a link").dblclick()
    expect(row(dialog, label)).to_be_visible()
    return dialog.locator("code").inner_text().rpartition("/")[2]


def test_the_owner_makes_a_link_sees_who_watches_and_revokes_it(hub: Hub, run: OwnedRun, visit: Open) -> None:
    """Their clock is two hours behind, and their browser keeps the clipboard back, as it does without TLS."""
    owner = visit(hub, run.owner, permissions=["clipboard-read"])
    owner.page.clock.set_fixed_time(time.time() - 7200)
    owner.page.reload()
    owner.page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error()) }")
    owner.shows("hello")
    dialog = links_of(owner)
    expect(row(dialog, "owner")).to_contain_text("everything")
    expect(row(dialog, "owner").get_by_role("cell").nth(1)).to_have_text("1")
    token = make(dialog, "Ann", "to stop and signal it", "an hour")
    assert ask(hub, "GET", f"/r/{token}/info").json["role"] == "control"
    assert 3500 < run.links()["Ann"]["expires"] - time.time() < 3600
    assert len(run.ask("GET").json) == 3
    dialog.get_by_role("button", name="Copy the link").click()
    expect(dialog.get_by_text("copied")).to_be_visible()
    assert owner.page.evaluate("navigator.clipboard.readText()") == f"{hub.url}/r/{token}"
    assert violations(owner.page) == []
    ann = visit(hub, token)
    ann.shows("hello")
    expect(ann.page.get_by_role("button", name="Links to this run")).to_have_count(0)
    expect(row(dialog, "Ann").get_by_role("cell").nth(1)).to_have_text("1", timeout=20_000)
    dialog.get_by_role("button", name="Revoke the link for Ann").click()
    expect(row(dialog, "Ann")).to_contain_text("revoked")
    expect(dialog.get_by_role("heading")).to_be_focused()
    ann.says("This link is not known here any more.")
    run.append_all(b"after that\r\n")
    owner.reaches(len("hello\r\nafter that\r\n"))
    assert ann.end == len("hello\r\n")
    ann.says("not connected")


def test_what_the_hub_refuses_is_said_in_its_words(hub: Hub, run: OwnedRun, visit: Open) -> None:
    """And stands there until something else is asked, with what was filled in."""
    made = [run.add(label=f"link {number}") for number in range(14)]
    dialog = links_of(visit(hub, run.owner))
    name = dialog.get_by_role("textbox", name="For")
    name.fill("Ann")
    dialog.get_by_role("button", name="Make a link").click()
    expect(dialog.get_by_role("alert")).to_contain_text("This run has 16 links")
    run.revoke(made[0]["token"])
    expect(row(dialog, "link 0")).to_contain_text("revoked")
    expect(dialog.get_by_role("alert")).to_contain_text("This run has 16 links")
    expect(name).to_have_value("Ann")


def test_the_dialog_fits_a_phone(hub: Hub, run: OwnedRun, visit: Open) -> None:
    run.add(label="a colleague with a name that is rather long " * 3)
    phone = visit(hub, run.owner, viewport={"width": 390, "height": 780}, has_touch=True, is_mobile=True)
    dialog = links_of(phone)
    expect(dialog.get_by_role("row")).to_have_count(4)
    box = dialog.bounding_box()
    assert box is not None
    assert (box["x"] >= 0, box["x"] + box["width"] <= 390) == (True, True)
    assert dialog.evaluate("dialog => dialog.scrollWidth <= dialog.clientWidth")
    button = dialog.get_by_role("button", name="Revoke").first.bounding_box()
    assert button is not None
    assert button["width"] > button["height"]
    assert violations(phone.page) == []


# --- private runs


def test_a_private_run_asks_for_a_key_and_keeps_it_in_this_tab(hub: Hub, private: Publisher, visit: Open) -> None:
    reader = visit(hub, private.token)
    field = reader.page.get_by_label("Hub key")
    expect(field).to_be_focused()
    assert violations(reader.page) == []
    for wrong in (new_token(), "钥匙"):
        reader.page.get_by_label("Hub key").fill(wrong)
        reader.press("Enter")
        expect(reader.page.get_by_role("alert")).to_have_text("This is no key of this hub, or it was revoked.")
        expect(reader.page.get_by_label("Hub key")).to_have_value("")
        assert reader.page.evaluate("sessionStorage.length") == 0
    reader.page.get_by_label("Hub key").fill(hub.key)
    reader.press("Enter")
    reader.shows("the secret")
    reader.page.reload()
    reader.shows("the secret")
    private.append_all(b"goes on\r\n")
    reader.shows("goes on")
    assert not any(hub.key in url for url in reader.requests)
    assert reader.page.evaluate("JSON.stringify(localStorage)").find(hub.key) == -1
    expect(visit(hub, private.token).page.get_by_label("Hub key")).to_be_visible()


def test_where_nothing_may_be_kept_the_key_is_asked_for_once(hub: Hub, private: Publisher, visit: Open) -> None:
    reader = visit(hub, private.token, path="/nowhere")
    forbidden = "Object.defineProperty(window, 'sessionStorage', { get() { throw new DOMException('no') } })"
    reader.page.add_init_script(forbidden)
    reader.page.goto(f"{hub.url}/r/{private.token}#L1")
    for key in (new_token(), hub.key):
        field = reader.page.get_by_label("Hub key")
        expect(field).to_have_value("")
        field.fill(key)
        reader.press("Enter")
    reader.shows("the secret")
    assert reader.page.url == f"{hub.url}/r/{private.token}#L1"


def test_the_key_of_the_address_is_taken_out_of_it(hub: Hub, private: Publisher, visit: Open) -> None:
    reader = visit(hub, private.token, fragment=f"#key={hub.owner_key}")
    reader.shows("the secret")
    assert reader.page.url == f"{hub.url}/r/{private.token}"
    assert reader.page.evaluate("history.length") <= 2
    reader.page.keyboard.press("/")
    reader.page.keyboard.type("secret")
    expect(reader.page.get_by_role("search").get_by_role("status")).to_have_text("1 line")


@pytest.mark.parametrize(("is_run", "asks", "shown"), [(True, "Hub key", "the secret"), (False, "Owner key", "job")])
def test_a_key_that_is_put_into_the_address_of_an_open_page_is_taken_out_of_it(
    hub: Hub, private: Publisher, visit: Open, is_run: bool, asks: str, shown: str
) -> None:
    reader = visit(hub, private.token) if is_run else visit(hub, "", path="/")
    address = reader.page.url
    expect(reader.page.get_by_label(asks)).to_be_visible()
    reader.page.evaluate("hash => { location.hash = hash }", f"#key={hub.owner_key}")
    reader.says(shown)
    expect(reader.page.get_by_label(asks)).to_have_count(0)
    assert reader.page.url == address


@pytest.mark.parametrize(("name", "holds"), [("plain text", b"the secret\n"), ("a recording", b"the secret")])
def test_a_private_run_can_be_kept(
    hub: Hub, private: Publisher, visit: Open, tmp_path: Path, name: str, holds: bytes
) -> None:
    reader = visit(hub, private.token, fragment=f"#key={hub.key}")
    reader.shows("the secret")
    reader.page.get_by_role("button", name="Keep a copy").click()
    with reader.page.expect_download() as download:
        reader.page.get_by_role("link", name=name).click()
    assert download.value.suggested_filename.startswith(private.run)
    kept = tmp_path / "kept"
    download.value.save_as(kept)
    assert holds in kept.read_bytes()


def test_whoever_watches_is_asked_again_when_the_key_is_revoked(hub: Hub, private: Publisher, visit: Open) -> None:
    key = ask(hub, "POST", "/api/keys", {"name": "ann", "kind": "publish"}, hub.owner_key).json
    reader = visit(hub, private.token, fragment=f"#key={key['key']}")
    reader.shows("the secret")
    ask(hub, "DELETE", f"/api/keys/{key['id']}", key=hub.owner_key)
    with Viewer(hub, private.token, key=hub.key) as viewer:
        wait_until(lambda: viewer.call("watch", {"from": 0, "events_from": 0})["run"]["viewers"] == 1, "it was cut")
    reader.says("This is no key of this hub")
    expect(reader.log).to_have_count(0)


def test_the_owner_of_the_hub_follows_private_runs_in_the_list_and_opens_them(own_hub: Hub, visit: Open) -> None:
    with private_run(own_hub):
        reader = visit(own_hub, "", path="/", fragment=f"#key={own_hub.owner_key}")
        expect(reader.page.get_by_role("link", name="job")).to_be_visible()
        reader.press("g")
        reader.says("the secret")
        reader.press("Escape")
        reader.page.get_by_role("link", name="job").click()
        reader.shows("the secret")
