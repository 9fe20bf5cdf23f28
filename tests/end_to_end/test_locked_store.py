"""The hub's store is locked by somebody else for longer than a sender waits for an ack."""

from __future__ import annotations

import sqlite3
import subprocess
from contextlib import closing

from tests.end_to_end.stage import JOBS, Cue, at_hub, encrypted_too, published
from tests.support.clients import Viewer
from tests.support.hub import Hub, wait_until
from tests.support.runner import Home

LINES = "".join(f"line {number}\n" for number in range(1, 1001)).encode()


@encrypted_too
def test_viewers_read_on_and_everything_arrives(home: Home, cue: Cue) -> None:
    with Hub() as hub, closing(sqlite3.connect(hub.data / "hub.db", isolation_level=None)) as other:
        at_hub(home, hub.url, hub.key)
        runner = home.start(str(JOBS / "count.py"), cue.path, "1000", "20", stdout=subprocess.DEVNULL)
        run = published(home).on_the_hub()
        cue.give()
        wait_until(lambda: hub.info(run.token)["size"] != 0, "some of it is durable")
        other.execute("BEGIN IMMEDIATE")
        durable = hub.get(f"/r/{run.token}/output")
        with Viewer(hub, run.token) as viewer:
            assert viewer.output.startswith(durable)
            assert runner.wait(60) == 0
            assert hub.get(f"/r/{run.token}/output") == durable
            assert hub.log.count("can't be written") == 1
            other.execute("ROLLBACK")
            run.arrives()
            viewer.wait_for(lambda: viewer.run["complete"], "that it is complete")
            assert run.run.opened(viewer.output) == run.run.output == LINES
            assert viewer.run["state"] == "succeeded"
        wait_until(lambda: "can be written again" in hub.log, "that it is over is said")
