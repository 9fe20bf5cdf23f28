"""An encrypted run: its hub, and whoever listens on the way, gets no plain byte of it, and says what it can't do."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import urllib.error
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from tests.end_to_end.stage import JOBS, Cue, Published, at_hub, get, published
from tests.faults.proxy import Proxy
from tests.support import unsealed
from tests.support.clients import Viewer
from tests.support.hub import Hub, wait_until
from tests.support.listener import Listener
from tests.support.runner import Home
from tests.support.secrets import line_of

from progress_hub.links import SEALED
from progress_hub.listing import SEALED as LISTED
from progress_run.echo import size

SECRET = "Rosebud-3141"
JOB = f"""
import os, sys
from progress_run import track
for _ in track(range(3), "{SECRET} task"):
    print("{SECRET} output", flush=True)
open("link", "w").write(os.environ["PROGRESS_RUN_URL"])
sys.exit(3)
"""


class Overheard(NamedTuple):
    """A run that has arrived by way of somebody who listens: what was said there, and where the job worked."""

    run: Published
    hub: Hub
    said: bytes
    folder: Path


@pytest.fixture(scope="module")
def tmp(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for the tests of this file."""
    return tmp_path_factory.mktemp("e2e")


@pytest.fixture(scope="module")
def overheard(tmp: Path) -> Iterator[Overheard]:
    """A run whose name, command, directory, tags, output, tasks and environment hold the secret."""
    (tmp / SECRET).mkdir()
    (tmp / SECRET / f"{SECRET}.py").write_text(JOB)
    listener = Listener()
    with Hub() as hub, Proxy(hub.port, 1) as proxy, proxy.toxic(listener):
        home = at_hub(Home(tmp / "home"), proxy.url, hub.key)
        tag = f"kind={SECRET}"
        done = home.run("--e2e", "--name", SECRET, "--tag", tag, f"{SECRET}.py", cwd=tmp / SECRET)
        assert done.returncode == 3
        run = published(home)
        run.arrives()
        yield Overheard(run, hub, listener.heard, tmp / SECRET)
        home.clear_away()


def test_all_of_it_is_there_for_who_has_the_link(overheard: Overheard) -> None:
    run = overheard.run
    key = run.run.record["key"]
    assert run.copy == run.run.output
    assert run.run.output.count(SECRET.encode()) == 3
    info = overheard.hub.info(run.token)
    assert unsealed.meta(key, info["sealed"]) == run.run.record["meta"]
    events = [json.loads(line) for line in get(run.link + "/events").splitlines()]
    assert [unsealed.event(key, event) for event in events] == run.run.events
    assert any(SECRET in event.get("label", "") for event in run.run.events)
    marks = unsealed.output(key, get(run.link + "/output")).marks
    assert marks == [mark for mark in run.run.marks if mark[0] < len(run.run.output)]


def test_the_hub_and_the_way_there_have_no_plain_byte_of_it(overheard: Overheard) -> None:
    record = overheard.run.run.record
    texts = [SECRET, record["key"], Path(sys.executable).name]
    files = [path for path in overheard.hub.data.rglob("*") if path.is_file()]
    assert {"hub.db", "hub.db-wal"} <= {path.name for path in files}
    stored = b"".join(path.read_bytes() for path in files)
    assert record["id"].encode() in stored
    assert record["id"].encode() in overheard.said
    assert [text for text in texts if text.encode() in stored + overheard.said + overheard.hub.log.encode()] == []
    info = overheard.hub.info(overheard.run.token)
    assert (info["state"], info["exit_code"], info["complete"], info["tasks"]) == ("failed", 3, True, [])
    assert not any(info.get(name) for name in record["meta"].keys() - {"started", "control"})
    assert {event["kind"] for event in map(json.loads, get(overheard.run.link + "/events").splitlines())} == {
        "sealed",
        "exit",
    }


def test_the_printed_link_and_the_jobs_own_carry_the_key(overheard: Overheard, home: Home) -> None:
    assert (overheard.folder / "link").read_text() == overheard.run.printed
    with home.terminal("--e2e", "true") as terminal:
        assert terminal.finish() == 0
        assert f"#e2e={home.only_run.record['key']}".encode() in terminal.output


@pytest.mark.parametrize(
    "what",
    [".txt", ".ansi", ".cast", ".html", "/metrics.csv", "/search?q=x", "/index", "/timing", "/density", "/at?t=1"],
)
def test_what_the_hub_cant_do_it_says(overheard: Overheard, what: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        get(overheard.run.link + what)
    with refused.value as answer:
        assert (answer.code, answer.read().decode()) == (409, f"{SEALED}\n")


def test_the_owners_list_shows_its_state_alone(overheard: Overheard) -> None:
    (run,) = json.loads(overheard.hub.get("/api/runs", Authorization=f"Bearer {overheard.hub.owner_key}"))
    assert (run["state"], run["last_line"], run["name"], run["host"], run["tags"]) == ("failed", LISTED, "", "", {})


def test_files_with_the_key_are_for_their_owner_alone(overheard: Overheard) -> None:
    run = overheard.run.run
    files = (path for path in run.path.rglob("*") if path.is_file())
    holders = [path for path in files if run.record["key"].encode() in path.read_bytes()]
    assert [path.name for path in holders] == ["meta.json"]
    assert holders[0].stat().st_mode & 0o777 == 0o600


def without_the_library(home: Home, folder: Path) -> None:
    """As an environment without the extra is."""
    (folder / "sitecustomize.py").write_text("import sys\nsys.modules['cryptography'] = None\n")
    home.environ["PYTHONPATH"] = f"{folder}:{home.environ.get('PYTHONPATH', '')}"


def test_without_the_library_the_job_is_not_begun(home: Home, tmp_path: Path) -> None:
    without_the_library(home, tmp_path)
    done = home.run("--e2e", "touch", os.fspath(tmp_path / "ran"))
    assert done.returncode == 78
    assert b"--e2e needs the package cryptography" in done.stderr
    assert b"progress-run[e2e]" in done.stderr
    assert not (tmp_path / "ran").exists()


def test_without_the_library_other_runs_are_delivered(home: Home, tmp_path: Path) -> None:
    home.run("--e2e", "echo", "encrypted")
    home.run("echo", "plain")
    home.clear_away()
    encrypted, plain = (published(home, nth) for nth in range(2))
    without_the_library(home, tmp_path)
    with Hub() as hub:
        home.environ.update(PROGRESS_KEY=hub.key)
        done = home.sync("--hub", hub.url, "--json")
        told = {each["id"]: each for each in json.loads(done.stdout)}
        assert told[plain.run.path.name]["complete"]
        assert told[encrypted.run.path.name]["state"] == "no_library"
        assert "the package cryptography is not installed here. Install it by" in done.stderr


def test_secrets_are_masked_before_they_are_encrypted(connected: Home) -> None:
    connected.environ["LINE"] = line_of("GitHub")[0]
    assert connected.run("--e2e", "sh", "-c", 'echo "$LINE"').returncode == 0
    run = published(connected)
    run.arrives()
    assert run.copy.decode() == f"{line_of('GitHub')[1]}\n"
    events = run.run.opened_events([json.loads(line) for line in get(run.link + "/events").splitlines()])
    assert any("Masked" in event.get("text", "") for event in events)


def test_what_comes_of_a_viewers_request_the_hub_cant_read(connected: Home, standing_hub: Hub, cue: Cue) -> None:
    runner = connected.start(
        "--e2e", "--control", str(JOBS / "count.py"), cue.path, "5", "0", stdout=subprocess.DEVNULL
    )
    run = published(connected).on_the_hub()
    with Viewer(standing_hub, run.run.record["owner_token"]) as viewer:
        request = viewer.ask("signal", signal="USR1")
        assert viewer.result(request) == ("forwarded", None)
        assert runner.wait(60) == 128 + signal.SIGUSR1
    run.arrives()
    told = [json.loads(line) for line in get(run.link + "/events").splitlines()]
    assert {event["kind"] for event in told} == {"sealed", "exit"}
    said = [event for event in run.run.opened_events(told) if event["kind"] == "control"]
    assert [(event["id"], event["state"]) for event in said][:2] == [(request, "accepted"), (request, "delivered")]


def test_output_is_live(home: Home) -> None:
    with Hub() as hub:
        at_hub(home, hub.url, hub.key)
        runner = home.start("--e2e", "--no-pty", "sh", "-c", "echo first; read -r _; echo second", stdin=-1)
        run = published(home).on_the_hub()
        wait_until(lambda: run.copy == b"first\n", "the first line is there while the job waits")
        assert runner.stdin
        runner.stdin.close()
        run.arrives()
        assert run.copy == run.run.output


def test_links_that_are_given_out_later_carry_the_key(home: Home) -> None:
    with Hub() as hub:
        at_hub(home, hub.url, hub.key)
        assert home.run("--e2e", "--private", "--control", "true").returncode == 0
        run = published(home)
        run.arrives()
        progress = [sys.executable, "-m", "progress_run", "link"]
        for command in (["add", run.run.path.name], ["open", "--no-browser", run.run.path.name]):
            done = subprocess.run([*progress, *command], env=home.environ, capture_output=True, text=True, timeout=60)
            assert done.stdout.strip().endswith(f"e2e={run.run.record['key']}"), done
        info = json.loads(hub.get(f"/r/{run.token}/info", Authorization=f"Bearer {hub.key}"))
        assert (info["private"], info["control"]) == (True, "all")


def test_what_finds_no_room_to_be_encrypted_is_told_and_delivered_later(home: Home) -> None:
    """What a killed recorder has left is encrypted by whoever delivers it."""
    with Hub() as hub:
        home.environ.update(PROGRESS_HUB=hub.url, PROGRESS_KEY="wrong", PROGRESS_DRAIN="0", PROGRESS_E2E="1")
        home.run("seq", "100000")
        home.clear_away()
        home.environ["PROGRESS_KEY"] = hub.key
        run = published(home)
        for name in ("output.log", "timing", "events.ndjson"):
            os.truncate(run.run.path / "sealed" / name, 0)
        little = (resource.RLIMIT_FSIZE, (200_000, 200_000))
        done = home.sync(preexec_fn=lambda: resource.setrlimit(*little))
        assert (done.returncode, "Free some space there" in done.stderr) == (74, True)
        assert 0 < hub.info(run.token)["size"] <= 200_000
        assert home.sync().stdout == f"{run.printed}  complete\n"
        assert run.copy == run.run.output


def test_of_a_key_that_is_none_nothing_is_shown(home: Home, standing_hub: Hub) -> None:
    """A directory may have been copied from anywhere, and its link goes to the terminal."""
    at_hub(home, standing_hub.url, standing_hub.key)
    home.environ["PROGRESS_E2E"] = "1"
    home.run("true")
    meta = home.only_run.path / "meta.json"
    meta.write_text(json.dumps({**home.only_run.record, "key": "\x1b]0;owned\x07" + home.only_run.record["key"]}))
    done = home.sync("--all")
    assert (done.returncode, "no proper key" in done.stderr) == (74, True)
    assert "\x1b" not in done.stdout + done.stderr


def test_the_summary_tells_how_much_is_not_delivered(home: Home) -> None:
    """In bytes of ciphertext, which each line that came alone makes many more of."""
    home.environ.update(PROGRESS_HUB="http://127.0.0.1:9", PROGRESS_KEY="key", PROGRESS_DRAIN="0", PROGRESS_E2E="1")
    with home.terminal("sh", "-c", "for line in 1 2 3 4 5; do echo $line; sleep 0.05; done") as terminal:
        assert terminal.finish() == 0
    sealed = (home.only_run.path / "sealed" / "output.log").stat().st_size
    assert sealed > 5 * len(home.only_run.output)
    assert f"{size(sealed)} not yet on the hub".encode() in terminal.output
