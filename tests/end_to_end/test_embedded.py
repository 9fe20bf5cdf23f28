"""The hub of one's own: started by the first run, shared by all, and back with the old links when it was killed."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import psutil
import pytest
from tests.end_to_end.stage import JOBS, Cue, embedded, published
from tests.support.browser import Open
from tests.support.hub import wait_until
from tests.support.runner import Home, command_line

from progress_run.spawn import STAND_BACK


@pytest.fixture
def own(home: Home) -> Home:
    """A home with a hub of its own that doesn't run yet."""
    return embedded(home)


def test_the_link_works_at_once(own: Home, visit: Open) -> None:
    with own.terminal("sh", "-c", "echo early; read line; echo $line") as terminal:
        terminal.until(rb"watch it live at http://\S+\r\n")
        run = published(own)
        reader = visit(run.hub, run.token)
        reader.shows("early")
        terminal.send(b"late\n")
        reader.shows("late")
        assert terminal.finish() == 0


def test_the_hub_stays_for_the_next_run(own: Home) -> None:
    assert own.run("echo", "first").returncode == 0
    first = published(own)
    first.arrives()
    pid = hub_of(own).pid
    assert own.run("echo", "second").returncode == 0
    second = published(own, 1)
    second.arrives()
    assert hub_of(own).pid == pid
    assert first.hub == second.hub
    assert (first.ansi, second.ansi) == (b"first\n", b"second\n")


def test_the_hub_stands_back_for_the_job_beside_it(own: Home) -> None:
    assert own.run("true").returncode == 0
    assert hub_of(own).nice() == os.nice(0) + STAND_BACK


def test_runs_that_start_at_the_same_time_share_one_hub(own: Home) -> None:
    runners = [own.start("sh", "-c", f"echo {name}; sleep 1") for name in "abc"]
    assert {runner.communicate(timeout=60)[0] for runner in runners} == {b"a\n", b"b\n", b"c\n"}
    runs = [published(own, nth) for nth in range(3)]
    for run in runs:
        run.arrives()
    assert len({run.hub for run in runs}) == 1
    assert {run.ansi for run in runs} == {b"a\n", b"b\n", b"c\n"}
    assert hub_of(own).is_running()


def test_old_links_show_everything_when_the_hub_is_back(own: Home, cue: Cue, tmp_path: Path, visit: Open) -> None:
    runner = own.start(str(JOBS / "count.py"), cue.path, "300", "1", stdout=subprocess.DEVNULL)
    run = published(own).on_the_hub()
    cue.give()
    run.grows_to(100)
    hub_of(own).kill()
    assert runner.wait(60) == 0
    assert hub_command(own, "start").startswith(f"progress hub at {run.hub.url}")
    run.arrives()
    assert run.ansi == run.run.output
    reader = visit(run.hub, run.token)
    reader.reaches(len(run.run.output))
    assert len(reader.lines) == 300
    assert hub_command(own, "stop").startswith("The hub is stopped.")


def test_the_owner_opens_the_list_with_one_command_and_tells_nobody_the_key(own: Home, tmp_path: Path) -> None:
    browser, told = tmp_path / "browser", tmp_path / "told"
    browser.write_text(f'#!/bin/sh\necho "$1" >{told}\n')
    browser.chmod(0o755)
    own.environ["BROWSER"] = f"{browser} %s"
    url = hub_command(own, "open").strip()
    key = hub_command(own, "key", "--owner").strip()
    assert url == f"{json.loads((own.path / 'hub' / 'hub.json').read_text())['url']}/#key={key}"
    request = urllib.request.Request(url.split("#")[0] + "api/runs", headers={"Authorization": f"Bearer {key}"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        assert json.load(answer) == []
    place = told.read_text().strip()
    assert key not in place  # for everybody on this machine can read a command line
    doorway = Path(place.removeprefix("file://"))
    assert f"url={url}" in doorway.read_text()
    assert stat.S_IMODE(doorway.stat().st_mode) == 0o600
    told.unlink()
    assert hub_command(own, "open", "--no-browser").strip() == url
    assert not told.exists()


def test_other_machines_reach_it_by_an_explicit_word_alone(own: Home) -> None:
    argv = [sys.executable, "-m", "progress_run", "hub", "start", "--host", "0.0.0.0", "--port", "0"]
    refused = subprocess.run(argv, env=own.environ, capture_output=True, text=True, timeout=60)
    assert (refused.returncode, refused.stdout) == (78, "")
    assert "other machines reach 0.0.0.0" in refused.stderr
    assert own.processes() == []
    assert hub_command(own, "start", "--host", "0.0.0.0", "--port", "0", "--public").startswith(
        "progress hub at http://"
    )
    assert hub_command(own, "stop").startswith("The hub is stopped.")


def hub_of(home: Home) -> psutil.Process:
    """The one hub that lives in a home."""

    def state() -> dict[str, Any]:
        found: dict[str, Any] = json.loads((home.path / "hub" / "hub.json").read_text())
        return found

    wait_until(lambda: "pid" in state(), "the hub is up")
    (hub,) = (each for each in home.processes() if "progress_hub.__main__" in command_line(each))
    assert hub.pid == state()["pid"]
    return hub


def hub_command(home: Home, *args: str) -> str:
    """What `progress hub ARGS` says."""
    argv = [sys.executable, "-m", "progress_run", "hub", *args]
    return subprocess.run(argv, env=home.environ, capture_output=True, text=True, check=True, timeout=60).stdout
