"""What found no room on the job's disk is a hole of a known size and place, for every viewer; all else arrives."""

from __future__ import annotations

import json
import os
import random
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
from tests.end_to_end.stage import encrypted_too, get
from tests.support import unsealed
from tests.support.hub import Hub
from tests.support.runner import Home
from tests.support.small_disk import SmallDisk, with_holes

FILL = """
import os, sys
def fill():
    for size in (65536, 4096, 1):
        try:
            while True: os.write(filler, bytes(size))
        except OSError: pass
def free(): os.ftruncate(filler, 0)
home = os.environ["PROGRESS_HOME"]
filler = os.open(home + "/filler", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
def say(text): print(text, flush=True)
"""

ON_THE_HUB = """
import time, urllib.request
link = os.environ["PROGRESS_RUN_URL"].partition("#")[0]
def has_arrived():
    try: return urllib.request.urlopen(link + "/output").read()
    except OSError: return False
def wait_for_output():
    while not has_arrived(): time.sleep(0.05)
"""

RANDOM_MOMENTS = FILL + textwrap.dedent(
    """
    import random, socket, time
    chance = random.Random(int(sys.argv[1]))
    reports = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    reports.connect(os.environ["PROGRESS_EVENTS"])
    for step in range(200):
        what = chance.random()
        if what < 0.1: fill()
        elif what < 0.2: free()
        elif what < 0.3: reports.send(b'{"kind": "metric", "name": "step", "value": %d}' % step)
        elif what < 0.35: time.sleep(0.01)
        else: say(f"{step:04d} " + chance.randbytes(chance.randint(0, 3000)).hex())
    if chance.random() < 0.5: free()
    sys.exit(9)
    """
)

UNTIL_DELIVERED = f"""
{sys.executable} - <<'END'
import glob, json, os, time, urllib.request
(meta,) = glob.glob(os.environ["PROGRESS_HOME"] + "/runs/*/meta.json")
record = json.load(open(meta))
for _ in range(600):
    try:
        if json.load(urllib.request.urlopen(f"{{record['hub']}}/r/{{record['view_token']}}/info"))["complete"]: break
    except OSError: pass
    time.sleep(0.1)
END
"""


@pytest.fixture
def disk(connected: Home, tmp_path: Path) -> SmallDisk:
    """A small disk under a home whose runs are published."""
    return SmallDisk(connected, tmp_path)


@encrypted_too
def test_a_hole_is_told_to_the_viewers_and_the_rest_is_sealed(disk: SmallDisk, standing_hub: Hub) -> None:
    job = FILL + "say('before'); fill()\nfor n in range(3000): say(f'{n:064d}')\nfree(); say('after'); sys.exit(3)"
    result = disk.run(sys.executable, "-c", job, afterwards=UNTIL_DELIVERED)
    assert (result.returncode, result.stderr) == (3, b"")
    assert result.stdout.startswith(b"before\n")
    assert result.stdout.endswith(b"after\n")
    (hole,) = arrived_with_holes(disk, standing_hub, result.stdout)
    assert hole["bytes"] > 100_000


@pytest.mark.parametrize("nth", range(3))
@encrypted_too
def test_a_disk_that_is_full_at_any_moment(disk: SmallDisk, standing_hub: Hub, nth: int) -> None:
    seed = int(os.environ.get("SEED") or random.randrange(2**32))
    print(f"SEED={seed}")  # shown when the test fails; in the environment it repeats the moments
    afterwards = ': > "$PROGRESS_HOME/filler"' + UNTIL_DELIVERED
    result = disk.run(sys.executable, "-c", RANDOM_MOMENTS, str(seed), afterwards=afterwards)
    assert (result.returncode, result.stderr) == (9, b"")
    arrived_with_holes(disk, standing_hub, result.stdout)


@encrypted_too
def test_an_end_that_finds_no_room_is_written_when_there_is_some(disk: SmallDisk, standing_hub: Hub) -> None:
    """Not even what was kept back for it is there any more: the job has taken that as well."""
    reserve = "home + '/runs/' + os.environ['PROGRESS_RUN_ID'] + '/reserve'"
    job = FILL + f"say('before'); fill(); os.unlink({reserve}); fill(); say('lost' * 5000)"
    afterwards = 'cp "$PROGRESS_HOME"/runs/*/events.ndjson "$KEPT"/early; : > "$PROGRESS_HOME/filler"' + UNTIL_DELIVERED
    result = disk.run(sys.executable, "-c", job, afterwards=afterwards)
    assert (result.returncode, result.stdout) == (0, b"before\n" + b"lost" * 5000 + b"\n")
    assert (disk.kept / "early").read_bytes() == b""
    assert arrived_with_holes(disk, standing_hub, result.stdout)


@encrypted_too
def test_a_disk_without_room_for_another_file(connected: Home, tmp_path: Path, standing_hub: Hub) -> None:
    """The sender finds its lock there, and goes without its log and without noting how far it is."""
    disk = SmallDisk(connected, tmp_path)
    job = textwrap.dedent(
        """
        files = 0
        try:
            while files := files + 1: os.close(os.open(f"{home}/{files}", os.O_WRONLY | os.O_CREAT))
        except OSError: pass
        say("no more files")
        wait_for_output()
        for number in range(1, files): os.unlink(f"{home}/{number}")
        """
    )
    result = disk.run(sys.executable, "-c", FILL + ON_THE_HUB + job, afterwards=UNTIL_DELIVERED)
    assert (result.returncode, result.stderr) == (0, b"")
    assert arrived_with_holes(disk, standing_hub, result.stdout) == []


@encrypted_too
def test_a_directory_that_is_deleted_under_the_run(connected: Home, standing_hub: Hub) -> None:
    """What is open stays readable, so that everything arrives all the same, the end included."""
    job = textwrap.dedent(
        """
        import shutil
        print(os.environ["PROGRESS_RUN_URL"].rpartition("/")[2], flush=True)
        wait_for_output()
        shutil.rmtree(os.environ["PROGRESS_HOME"] + "/runs/" + os.environ["PROGRESS_RUN_ID"])
        print("after", flush=True)
        sys.exit(4)
        """
    )
    connected.environ["PROGRESS_DRAIN"] = "30"
    result = connected.run(sys.executable, "-c", "import os, sys" + ON_THE_HUB + job)
    assert (result.returncode, result.stderr) == (4, b"")
    link, after = result.stdout.decode().splitlines()
    assert after == "after"
    token, _, key = link.partition("#e2e=")
    info, output = standing_hub.info(token), standing_hub.get(f"/r/{token}/output")
    assert (info["complete"], info["size"], info["exit_code"]) == (True, len(output), 4)
    assert (unsealed.output(key, output).output if key else output) == result.stdout


def arrived_with_holes(disk: SmallDisk, hub: Hub, user: bytes) -> list[dict[str, Any]]:
    """The holes in what arrived, which is complete and otherwise what the user saw."""
    run = disk.only_run
    link = f"{hub.url}/r/{run.record['view_token']}"
    events = run.opened_events([json.loads(line) for line in get(link + "/events").splitlines()])
    holes = [event for event in events if event["kind"] == "gap"]
    assert [event["seq"] for event in events] == list(range(len(events)))
    assert events[-1]["kind"] == "exit"
    assert run.opened(get(link + "/output")) == run.output
    assert with_holes(run.output, holes, user)
    assert json.loads(get(link + "/info"))["complete"]
    return holes
