"""The page of an encrypted run: it shows what any run's page shows, and all of that is made from what it decrypts."""

from __future__ import annotations

import csv
import json
import re
import sys
import time
from pathlib import Path

import pytest
from playwright.sync_api import Route, expect
from tests.end_to_end.stage import Address, Cue, Published, at_hub, encrypted_too, hub_at_a_quiet_port, published
from tests.faults.proxy import Proxy
from tests.support.browser import Open
from tests.support.damage import change_store
from tests.support.hub import Hub
from tests.support.listener import Listener
from tests.support.reader import Reader
from tests.support.runner import Home

pytestmark = pytest.mark.browser

JOB = """
import os, sys
from progress_run import metric, note, track
print("\\x1b[31mfirst\\x1b[0m line", flush=True)
open(sys.argv[1]).close()
for step in track(range(4), "training"):
    metric("loss", 1 / (step + 1), step=step)
note("half of it was a needle", level="warning")
for number in range(2, 200):
    print("line", number, "needle" if number == 7 else "")
"""
INSECURE = "Object.defineProperty(Crypto.prototype, 'subtle', { value: undefined })"
"""What the browser gives to a page of http on another host than this."""


@pytest.fixture
def job(tmp_path: Path) -> str:
    """A script that reports, and waits at a cue behind its first line."""
    (tmp_path / "job.py").write_text(JOB)
    return str(tmp_path / "job.py")


def read_by(visit: Open, run: Published) -> Reader:
    """Somebody with the whole link."""
    return visit(run.hub, run.token, fragment=run.fragment)


def arrived(home: Home, *argv: str) -> Published:
    """An encrypted run that is over, and on its hub."""
    assert home.run("--e2e", *argv).returncode == 0
    run = published(home)
    run.arrives()
    return run


def test_who_has_the_link_follows_it_live(connected: Home, job: str, cue: Cue, visit: Open) -> None:
    runner = connected.start("--e2e", "--name", "deep thought", job, cue.path)
    run = published(connected).on_the_hub()
    reader = read_by(visit, run)
    reader.shows("first line")
    expect(reader.page).to_have_title(re.compile("deep thought"), timeout=20_000)
    cue.give()
    runner.communicate(timeout=60)
    reader.shows("line 199")
    reader.says("complete, verified")
    reader.reaches(len(run.run.output))
    reader.press("i")
    for words in ("training", "loss", "half of it was a needle", job):
        reader.says(words)
    name, table = kept(reader, "metrics.csv")
    assert name == f"{run.run.path.name}-metrics.csv"
    rows = [row for row in csv.DictReader(table.decode().splitlines()) if row["name"] == "loss"]
    losses = [event for event in run.run.of_kind("metric") if event["name"] == "loss"]
    assert [(int(row["step"]), float(row["value"])) for row in rows] == [
        (each["step"], each["value"]) for each in losses
    ]
    assert rows[-1]["step"] == "3"
    assert not [url for url in reader.requests if run.fragment[5:] in url.split("#")[0]]


@encrypted_too
def test_a_known_text_is_found_on_the_way_and_at_the_hub_only_where_it_is_not_encrypted(
    home: Home, visit: Open
) -> None:
    """From runner to hub, from hub to page, and in any of the hub's files; of a plain run in each of them."""
    text, coming, going = "Rosebud-3141", Listener(), Listener()
    with Hub() as hub, Proxy(hub.port, 1) as inward, Proxy(hub.port, 2) as outward:
        with inward.toxic(coming), outward.toxic(going):
            assert at_hub(home, inward.url, hub.key).run("--name", text, "echo", f"{text} is said").returncode == 0
            run = published(home)
            run.arrives()
            visit(Address(outward.url), run.token, fragment=run.fragment).shows(f"{text} is said")
        files = b"".join(path.read_bytes() for path in hub.data.rglob("*") if path.is_file())
        found = [text.encode() in place for place in (coming.heard, going.heard, files)]
    assert found == [not run.fragment] * 3
    assert all(run.run.path.name.encode() in place for place in (coming.heard, going.heard, files))


@pytest.mark.parametrize("script", ["", INSECURE], ids=["browser", "library"])
def test_a_late_visitor_searches_it_and_keeps_it(connected: Home, visit: Open, script: str) -> None:
    run = arrived(connected, "seq", "-f", "number %g", "300000")
    reader = read_by(visit, run)
    if script:
        reader.page.add_init_script(script)
        reader.page.reload()
    reader.reaches(len(run.run.output))
    reader.shows("number 300000")
    reader.press("/")
    reader.page.get_by_role("textbox", name="Search the log").fill("number 77777")
    expect(reader.page.locator("#find-count")).to_have_text("1 line", timeout=20_000)
    reader.press("Enter")
    reader.shows("number 77777")
    for ending in ("txt", "ansi"):
        assert kept(reader, f".{ending}") == (f"{run.run.path.name}.{ending}", run.run.output)
    name, cast = kept(reader, ".cast")
    assert name == f"{run.run.path.name}.cast"
    _header, *lines = map(json.loads, cast.splitlines())
    assert lines[-1][1:] == ["x", "0"]
    shown = "".join(text for _seconds, kind, text in lines if kind == "o")
    assert shown.replace("\r\n", "\n").encode() == run.run.output


def kept(reader: Reader, ending: str) -> tuple[str, bytes]:
    """A file that the page makes: its name, and what is in it."""
    reader.page.get_by_role("button", name="Keep a copy").click()
    reader.says("end-to-end encrypted")
    with reader.page.expect_download() as download:
        reader.page.get_by_role("link", name=ending).click()
    return download.value.suggested_filename, download.value.path().read_bytes()


def test_a_line_is_gone_to_whose_link_opens_the_run_elsewhere(connected: Home, visit: Open) -> None:
    """However long the events take, before which no output is asked for."""
    run = arrived(connected, "seq", "-f", "number %g", "300000")
    fragment = f"#L250000&{run.fragment[1:]}"
    reader = visit(run.hub, run.token, fragment=fragment)
    reader.page.route("**/events?*", late)
    reader.page.reload()
    reader.shows("number 250000")
    expect(reader.page.locator(".linked .number")).to_have_attribute("href", fragment)


def late(route: Route) -> None:
    """Let a request through a second after it was made."""
    time.sleep(1)
    route.continue_()


def test_a_network_that_goes_before_the_run_can_be_read_costs_time_alone(connected: Home, visit: Open) -> None:
    run = arrived(connected, "echo", "secret")
    reader = read_by(visit, run)
    reader.shows("secret")
    reader.page.route("**/assets/sealed_hub*", lambda route: route.abort())
    reader.page.reload()
    reader.says("hub unreachable")
    reader.page.unroute("**/assets/sealed_hub*")
    reader.shows("secret")


def test_who_has_not_the_whole_link_is_told(connected: Home, visit: Open) -> None:
    run = arrived(connected, "echo", "secret")
    reader = visit(run.hub, run.token)
    reader.says("Its key is missing from the link.")
    reader.page.goto(run.printed)
    reader.shows("secret")
    visit(run.hub, run.token, fragment=f"#e2e={'A' * 43}").says("The key in the link is not this run's.")


def test_who_types_is_told_that_the_hub_reads_it(connected: Home, visit: Open) -> None:
    connected.start("--e2e", "--control", "--pty", "sleep", "60")
    run = published(connected).on_the_hub()
    reader = visit(run.hub, run.run.record["owner_token"], fragment=run.fragment)
    reader.page.get_by_role("button", name="Stop", exact=True).click()
    reader.page.get_by_role("button", name="Type into the job").click()
    field = reader.page.get_by_role("textbox", name="Type into the job")
    expect(field).to_have_accessible_description("What is typed isn't encrypted: the hub can read it.")


def test_a_hub_that_keeps_the_end_back_is_found_out(home: Home, visit: Open) -> None:
    with hub_at_a_quiet_port() as hub:
        run = arrived(at_hub(home, hub.url, hub.key), "echo", "secret")
        hub.kill()
        change_store(hub, "UPDATE runs SET size = size - 1 WHERE id = ?", run.run.path.name)
        hub.start()
        read_by(visit, run).says("The hub has not given everything: 7 bytes missing.")


def test_a_time_is_gone_to(connected: Home, visit: Open) -> None:
    script = "import time; print('early'); time.sleep(2); print('late\\n' * 500, 'last')"
    run = arrived(connected, sys.executable, "-uc", script)
    reader = read_by(visit, run)
    reader.shows("last")
    expect(reader.page.get_by_text("early", exact=True)).not_to_be_visible()
    reader.press(":")
    reader.page.keyboard.type("0:01")
    reader.press("Enter")
    reader.shows("early")


def test_a_moment_that_is_over_is_shown_again(home: Home, visit: Open) -> None:
    with Hub() as hub:
        at_hub(home, hub.url, hub.key)
        run = arrived(home, sys.executable, "-uc", "import time; print('early'); time.sleep(2); print('late')")
        reader = read_by(visit, run)
        reader.shows("late")
        reader.page.get_by_role("slider").focus()
        reader.press("Home")
        for _ in range(3):
            reader.press("PageUp")
        expect(reader.page.locator(".screen")).to_contain_text("early", timeout=20_000)
        expect(reader.page.locator(".screen")).not_to_contain_text("late")
