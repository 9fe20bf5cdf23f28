"""A full disk costs the recording a hole of a known size; the job and its user notice nothing."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.end_to_end.stage import encrypted_too
from tests.support.runner import Home, Run
from tests.support.small_disk import SmallDisk, with_holes

from progress_run.recorder.run_log import BACKLOG_BYTES, RunLog

JOB = "import sys\nfor number in range(40_000): print(f'{number:064d}')\nprint('the end')\n"


@pytest.fixture
def disk(home: Home, tmp_path: Path) -> SmallDisk:
    """A small disk under the home."""
    return SmallDisk(home, tmp_path)


@encrypted_too
def test_the_job_goes_on_and_the_hole_has_its_exact_size(disk: SmallDisk) -> None:
    result = disk.run(sys.executable, "-c", JOB)
    bare = subprocess.run([sys.executable, "-c", JOB], capture_output=True)
    assert (result.returncode, result.stdout, result.stderr) == (0, bare.stdout, b"")
    run = disk.only_run
    holes = run.of_kind("gap")
    assert run.ending == (0, None)
    assert len(run.output) + sum(hole["bytes"] for hole in holes) == len(bare.stdout)
    assert with_holes(run.output, holes, bare.stdout)


@encrypted_too
def test_recording_goes_on_when_there_is_room_again(disk: SmallDisk) -> None:
    filler = disk.mount / "filler"
    job = (
        "import os, time\nprint('before', flush=True)\n"
        "log = '{PROGRESS_HOME}/runs/{PROGRESS_RUN_ID}/output.log'.format(**os.environ)\n"
        "while not os.path.getsize(log): time.sleep(0.01)\n"
        f"while True:\n"
        f"    try: open({str(filler)!r}, 'ab', buffering=0).write(bytes(4096))\n"
        f"    except OSError: break\n"
        f"for number in range(2000): print(f'{{number:064d}}', flush=True)\n"
        f"os.unlink({str(filler)!r})\nprint('after', flush=True)\n"
    )
    result = disk.run(sys.executable, "-c", job)
    run = disk.only_run
    (hole,) = run.of_kind("gap")
    assert run.output.startswith(b"before\n")
    assert run.output.endswith(b"after\n")
    assert len(run.output) + hole["bytes"] == len(result.stdout)
    assert with_holes(run.output, [hole], result.stdout)


def test_a_log_cannot_fill_the_disk(home: Home) -> None:
    """A sender that has something to say again and again, such as of a hub that comes and goes, says it up to here."""
    code = "from progress_run.sender_report import log, start_log\nstart_log()\nwhile True: log.warning('x' * 4000)"
    with open(home.path.parent / "log", "wb") as log:
        talker = subprocess.Popen([sys.executable, "-c", code], env=home.environ, stderr=log)
        with pytest.raises(subprocess.TimeoutExpired):
            talker.wait(1)
        talker.kill()
        talker.wait()
    assert 1_000_000 < (home.path.parent / "log").stat().st_size < 1_100_000


def test_a_log_on_a_full_disk_does_not_change_an_exit_code(home: Home) -> None:
    code = "import sys\nfrom progress_run.sender_report import log, start_log\nstart_log()\nlog.info('x')\nsys.exit(3)"
    with open("/dev/full", "wb") as full:
        assert subprocess.run([sys.executable, "-c", code], env=home.environ, stderr=full).returncode == 3


def test_reports_that_find_no_room_for_long_are_counted(tmp_path: Path) -> None:
    """Here they find none because the events' file takes nothing at all any more."""
    log = RunLog(tmp_path, time.time())
    count = BACKLOG_BYTES // 4000 + 10
    with open("/dev/full", "wb") as full:
        kept, log._events = log._events, full.fileno()
        for number in range(count):
            log.event("metric", {"name": "loss", "value": number, "text": "x" * 4000})
    log._events = kept
    log.finish(0, None)
    *metrics, note, end = Run(tmp_path).events
    assert note["text"] == f"{count - len(metrics)} of the job's reports found no room on its disk."
    assert len(metrics) < count
    assert end["kind"] == "exit"
