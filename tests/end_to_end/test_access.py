"""Links, keys and private runs, from the command line to the hub and back."""

from __future__ import annotations

import json
import re
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from tests.end_to_end.stage import Address, Published, embedded, get, published
from tests.support.asking import ask, link_id
from tests.support.clients import new_token
from tests.support.hub import Hub
from tests.support.runner import NO_HUB, Home
from tests.support.terminal import Terminal

from progress_run.errors import CONFIG, DATA, UNAVAILABLE

USAGE = 2


def progress(home: Home, *args: str, **more: Any) -> subprocess.CompletedProcess[str]:
    """`progress ARGS` to its end."""
    options: dict[str, Any] = {"stdin": subprocess.DEVNULL, "capture_output": True, "text": True, "timeout": 60, **more}
    return subprocess.run([sys.executable, "-m", "progress_run", *args], env=home.environ, **options)


def said(home: Home, *args: str, **more: Any) -> str:
    """What `progress ARGS` says when it works."""
    done = progress(home, *args, **more)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def add(hub: Hub, name: str, kind: str = "publish") -> dict[str, str]:
    """A new key of a hub."""
    added: dict[str, str] = ask(hub, "POST", "/api/keys", {"name": name, "kind": kind}, hub.owner_key).json
    return added


@pytest.fixture
def run(connected: Home) -> Published:
    """A run that is on the hub."""
    connected.run("--name", "greeting", "echo", "hello")
    done = published(connected)
    done.arrives()
    return done


@pytest.fixture
def settled(home: Home, tmp_path: Path, standing_hub: Hub) -> Home:
    """A home with a config directory of its own, and a hub, but no key for it."""
    (tmp_path / "config").mkdir()
    config = tmp_path / "config" / "config.toml"
    home.environ.update(PROGRESS_CONFIG=str(config), PROGRESS_HUB=standing_hub.url, PROGRESS_DRAIN="20")
    return home


# --- links


def test_a_link_is_given_out_listed_and_taken_back(connected: Home, run: Published) -> None:
    before = time.time()
    url = said(connected, "link", "add", "greeting", "--role", "control", "--label", "Ann", "--expires", "2h")
    assert json.loads(get(f"{url}/info"))["role"] == "control"
    assert get(f"{url}.ansi") == b"hello\n"
    links = {link["label"]: link for link in json.loads(said(connected, "link", "ls", run.run.record["id"], "--json"))}
    assert links.keys() == {"view", "owner", "Ann"}
    assert before + 7200 <= links["Ann"]["expires"] < before + 7260
    table = said(connected, "link", "ls", run.link)
    assert re.search(rf"^{links['Ann']['id']}  control +0 +20\d\d-\d\d-\d\d \d\d:\d\d +Ann$", table, re.MULTILINE)
    for token in (url.rpartition("/")[2], run.token, run.run.record["owner_token"]):
        assert token not in table
    said(connected, "link", "revoke", run.link, links["Ann"]["id"])
    assert ask(run.hub, "GET", url.removeprefix(run.hub.url) + "/info").status == 404
    assert " revoked " in said(connected, "link", "ls", "greeting")


def test_the_newest_run_of_a_name_is_meant(connected: Home, run: Published) -> None:
    connected.run("--name", "greeting", "echo", "again")
    published(connected, 1).arrives()
    assert get(said(connected, "link", "add", "greeting") + ".ansi") == b"again\n"


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (["add", "nothing"], USAGE, "no run is meant by 'nothing'"),
        (["add", "http://127.0.0.1:9/r/" + "x" * 24], USAGE, "no run is meant by"),
        (["add", "greeting", "--expires", "soon"], USAGE, "Write it as 30m, 2h or 7d."),
        (["add", "greeting", "--role", "owner"], USAGE, "'owner' is not one of"),
        (["revoke", "greeting", "0123456789abcdef"], UNAVAILABLE, "has no such run or link"),
        (["revoke", "greeting", "../../info"], UNAVAILABLE, "has no such run or link"),
    ],
)
def test_what_cannot_be_done_is_said(connected: Home, run: Published, args: list[str], code: int, words: str) -> None:
    done = progress(connected, "link", *args)
    assert (done.returncode, words in done.stderr) == (code, True), done.stderr
    assert "Traceback" not in done.stderr


def test_the_owner_link_does_not_end_itself(connected: Home, run: Published) -> None:
    done = progress(connected, "link", "revoke", "greeting", link_id(run.run.record["owner_token"]))
    assert (done.returncode, "the very link that you are using" in done.stderr) == (DATA, True)


def test_the_owners_page_is_opened_by_no_command_line(connected: Home, run: Published, tmp_path: Path) -> None:
    browser, told = tmp_path / "browser", tmp_path / "told"
    browser.write_text(f'#!/bin/sh\necho "$1" >{told}\n')
    browser.chmod(0o755)
    connected.environ["BROWSER"] = f"{browser} %s"
    token = run.run.record["owner_token"]
    assert said(connected, "link", "open", "greeting") == f"{run.hub.url}/r/{token}"
    place = told.read_text().strip()
    assert token not in place
    doorway = Path(place.removeprefix("file://"))
    assert token in doorway.read_text()
    assert stat.S_IMODE(doorway.stat().st_mode) == 0o600


def test_a_run_at_the_hub_of_ones_own(home: Home) -> None:
    own = embedded(home)
    own.run("--private", "--name", "mine", "echo", "hello")
    published(own).arrives()
    said(own, "hub", "stop")
    url = said(own, "link", "add", "mine")  # starts it again
    place = published(own).hub
    path = url.removeprefix(published(own).hub.url)
    assert ask(place, "GET", f"{path}.ansi").status == 401
    assert ask(place, "GET", f"{path}.ansi", key=said(own, "hub", "key")).body == b"hello\n"


# --- private runs


def test_a_private_run_takes_a_key_beside_its_link(connected: Home, standing_hub: Hub) -> None:
    done = connected.run("--private", "echo", "secret")
    assert (done.returncode, done.stdout) == (0, b"secret\n")
    run = published(connected)
    run.arrives()
    path = f"/r/{run.token}.ansi"
    assert ask(standing_hub, "GET", path).status == 401
    assert ask(standing_hub, "GET", path, key=standing_hub.key).body == b"secret\n"
    url = said(connected, "link", "add", run.run.record["id"]).removeprefix(standing_hub.url)
    assert ask(standing_hub, "GET", url + "/info").status == 401


class OlderHub(Hub):
    """A hub from before there were private runs."""

    program = "tests.support.older_hub"


def test_a_hub_that_cannot_keep_a_run_private_gets_nothing_of_it(home: Home) -> None:
    with OlderHub() as older:
        home.environ.update(PROGRESS_HUB=older.url, PROGRESS_KEY=older.key, PROGRESS_DRAIN="20")
        done = home.run("--private", "echo", "secret")
        assert (done.returncode, done.stdout) == (0, b"secret\n")
        run = published(home)
        assert json.loads(get(f"{run.link}/info"))["size"] == 0
        synced = home.sync()
        assert (synced.returncode, "too old to keep a run private" in synced.stderr) == (UNAVAILABLE, True)
        assert get(f"{run.link}.ansi?download=1") == b""


# --- keys


def test_keys_are_made_listed_and_revoked(home: Home) -> None:
    own = embedded(home)
    said(own, "hub", "start")
    place = hub_of_own(own)
    made = said(own, "hub", "key", "add", "ci")
    assert ask(place, "GET", "/api/key", key=made).json["name"] == "ci"
    boss = json.loads(said(own, "hub", "key", "add", "boss", "--kind", "owner", "--json"))
    assert ask(place, "GET", "/api/runs", key=boss["key"]).status == 200
    table = said(own, "hub", "key", "ls")
    assert re.search(r"^[0-9a-f]{16}  publish  20\d\d-\d\d-\d\d \d\d:\d\d  ci$", table, re.MULTILINE)
    assert made not in table
    said(own, "hub", "key", "revoke", "ci")
    said(own, "hub", "key", "revoke", boss["id"])
    assert [ask(place, "GET", "/api/key", key=key).status for key in (made, boss["key"])] == [401, 401]
    again = progress(own, "hub", "key", "revoke", "ci")
    assert (again.returncode, "no key is called 'ci'" in again.stderr) == (DATA, True)
    files = progress(own, "hub", "key", "revoke", "owner_key")
    assert (files.returncode != 0, "remove that and start the hub again" in files.stderr) == (True, True)


def hub_of_own(home: Home) -> Address:
    """The hub that lives in a home."""
    return Address(json.loads((home.path / "hub" / "hub.json").read_text())["url"])


def test_the_keys_in_files_are_printed_as_ever(settled: Home) -> None:
    Path(settled.environ["PROGRESS_CONFIG"]).write_text('key = "of another hub"\n')
    for args, name in (((), "key"), (("--owner",), "owner_key")):
        printed = said(settled, "hub", "key", *args)
        assert printed == (settled.path / "hub" / name).read_text().strip()


# --- where the key of a run comes from


def test_who_has_logged_in_needs_no_key_any_more(settled: Home, standing_hub: Hub) -> None:
    key = add(standing_hub, "ann")["key"]
    told = said(settled, "login", standing_hub.url + "/", input=f"{key}\n", stdin=None)
    kept = Path(settled.environ["PROGRESS_CONFIG"]).with_name("hubs.json")
    assert (str(kept) in told, "'ann'" in told, key in told) == (True, True, False)
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert json.loads(kept.read_text()) == {standing_hub.url: key}
    settled.run("echo", "hello")
    published(settled).arrives()
    said(settled, "login", "--forget", standing_hub.url)
    assert json.loads(kept.read_text()) == {}


def test_a_hub_on_this_machine_is_behind_no_proxy(settled: Home, standing_hub: Hub) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        settled.environ[name] = NO_HUB
    for name in ("no_proxy", "NO_PROXY"):
        settled.environ.pop(name, None)
    said(settled, "login", standing_hub.url, input=f"{standing_hub.key}\n", stdin=None)


def test_a_key_that_is_typed_is_not_shown(settled: Home, standing_hub: Hub) -> None:
    argv = [sys.executable, "-m", "progress_run", "login", standing_hub.url]
    with Terminal(argv, environ=settled.environ, cols=300) as terminal:
        terminal.until(b"Publish key: ")
        terminal.send(standing_hub.key.encode() + b"\n")
        assert terminal.finish() == 0
        assert b"Logged in to" in terminal.output
        assert standing_hub.key.encode() not in terminal.output


@pytest.mark.parametrize("kind", ["wrong", "empty", "owner"])
def test_a_key_that_does_not_publish_is_not_kept(settled: Home, standing_hub: Hub, kind: str) -> None:
    key = {"wrong": new_token(), "empty": "", "owner": standing_hub.owner_key}[kind]
    done = progress(settled, "login", standing_hub.url, input=key, stdin=None)
    assert (done.returncode, done.stdout) == (CONFIG, "")
    assert key == "" or key not in done.stderr
    assert not Path(settled.environ["PROGRESS_CONFIG"]).with_name("hubs.json").exists()


def test_nobody_logs_in_where_no_hub_is(settled: Home) -> None:
    done = progress(settled, "login", "http://127.0.0.1:9", input="x", stdin=None)
    assert (done.returncode, "can't be reached" in done.stderr) == (UNAVAILABLE, True)


def test_the_nearest_key_is_used(settled: Home, standing_hub: Hub, tmp_path: Path) -> None:
    """The variable before the file it names, and that before what was kept by a login."""
    file = tmp_path / "key"
    hubs = Path(settled.environ["PROGRESS_CONFIG"]).with_name("hubs.json")
    hubs.write_text(json.dumps({standing_hub.url: "wrong"}))
    file.write_text(f"{standing_hub.key}\n")
    settled.environ["PROGRESS_KEY_FILE"] = str(file)
    settled.run("echo", "hello")
    published(settled).arrives()
    file.write_text("wrong\n")
    settled.environ["PROGRESS_KEY"] = standing_hub.key
    job = settled.run("sh", "-c", 'echo "$PROGRESS_KEY"')
    assert job.stdout == b"\n"  # the key is ours, not the job's
    published(settled, 1).arrives()


def test_a_key_file_that_is_not_there_hinders_no_job(settled: Home, tmp_path: Path) -> None:
    settled.environ.update(PROGRESS_KEY_FILE=str(tmp_path / "nothing"), PROGRESS_DRAIN="0")
    done = settled.run("echo", "hello")
    assert (done.returncode, done.stdout) == (0, b"hello\n")
    assert b"nothing can't be read: No such file or directory" in done.stderr
    assert settled.only_run.output == b"hello\n"
    assert settled.run("--quiet", "echo", "hello").stderr == b""
