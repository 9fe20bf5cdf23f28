"""A run that is too large for its hub: the page has what the hub takes, says so, and how it ended."""

from __future__ import annotations

import subprocess

import psutil
import pytest
from tests.end_to_end.stage import Cue, at_hub, encrypted_too, published
from tests.support.clients import Viewer
from tests.support.hub import Hub, wait_until
from tests.support.runner import Home

JOB = "seq 100000; cat {}; exit 7"


@pytest.mark.parametrize("mode", ["eventlet", "threading"])
@encrypted_too
def test_a_run_with_too_much_output_still_ends(home: Home, cue: Cue, mode: str) -> None:
    with Hub(mode, "--run-bytes", "100000") as hub:
        runner = at_hub(home, hub.url, hub.key).start("sh", "-c", JOB.format(cue.path), stdout=subprocess.DEVNULL)
        run = published(home).on_the_hub()
        with Viewer(hub, run.token) as viewer:
            viewer.wait_for(lambda: viewer.run["limited"] == ["output"], "that viewers are told of the limit")
            cue.give()
            viewer.wait_for(lambda: viewer.run["exit_code"] == 7, "that viewers are told how it ended")
        assert runner.wait(60) == 7
        wait_until(lambda: "takes 100,000 bytes of output" in home.sync().stderr, "that who asks why is told")
        kept = hub.get(f"/r/{run.token}/output")
        assert 0 < len(kept) <= 100_000
        assert run.run.given_away().startswith(kept)
        hub.restart("--run-bytes", "0")
        wait_until(lambda: home.sync().returncode == 0, "the rest is delivered where there is room for it")
        assert run.copy == run.run.output
        assert hub.info(run.token)["limited"] == []


@encrypted_too
def test_a_run_with_too_much_output_and_no_end_is_not_delivered_for_ever(home: Home) -> None:
    """Its recorder and its monitor were killed."""
    with Hub("eventlet", "--run-bytes", "100000") as hub:
        at_hub(home, hub.url, hub.key).environ["PROGRESS_DRAIN"] = "0"
        runner = home.start("sh", "-c", "seq 100000; sleep 1000", stdout=subprocess.DEVNULL)
        run = published(home).on_the_hub()
        run.grows_to(588_895)
        for process in psutil.Process(runner.pid).children(recursive=True):
            process.kill()
        runner.kill()
        done = home.sync()
        assert (done.returncode, "takes 100,000 bytes of output" in done.stderr) == (65, True)
