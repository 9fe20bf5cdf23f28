"""A full disk costs the recording a hole of a known size; the job and its user notice nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.support.runner import Home, Run

SMALL = 1024 * 1024
"""Bytes of the file system that runs full."""

JOB = "import sys\nfor number in range(40_000): print(f'{number:064d}')\nprint('the end')\n"


def on_a_small_disk(home: Home, mount: Path, kept: Path, *args: str) -> subprocess.CompletedProcess[bytes]:
    """Run in a mount namespace where PROGRESS_HOME is a small tmpfs, and copy it to `kept` before it vanishes."""
    unshare = shutil.which("unshare")
    assert unshare, "this test needs unshare: apt-get install util-linux"
    privilege = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    script = (
        f'mount -t tmpfs -o size={SMALL} none {mount} || exit 99; "$@"; code=$?; cp -r {mount}/. {kept}; exit $code'
    )
    environ = {**home.environ, "PROGRESS_HOME": str(mount)}
    argv = [unshare, *privilege, "--mount", "sh", "-c", script, "sh", *home.argv(*args)]
    return subprocess.run(argv, env=environ, stdin=subprocess.DEVNULL, capture_output=True, timeout=60)


def test_the_job_goes_on_and_the_hole_has_its_exact_size(home: Home, tmp_path: Path) -> None:
    (mount := tmp_path / "mount").mkdir()
    (kept := tmp_path / "kept").mkdir()
    result = on_a_small_disk(home, mount, kept, sys.executable, "-c", JOB)
    bare = subprocess.run([sys.executable, "-c", JOB], capture_output=True)
    assert (result.returncode, result.stdout, result.stderr) == (0, bare.stdout, b"")
    (meta,) = kept.glob("runs/*/meta.json")
    run = Run(meta.parent)
    holes = run.of_kind("gap")
    assert run.ending == (0, None)
    assert len(run.output) + sum(hole["bytes"] for hole in holes) == len(bare.stdout)
    assert with_holes(run.output, holes, bare.stdout)


def test_recording_goes_on_when_there_is_room_again(home: Home, tmp_path: Path) -> None:
    (mount := tmp_path / "mount").mkdir()
    (kept := tmp_path / "kept").mkdir()
    filler = mount / "filler"
    job = (
        f"import os, time\nprint('before', flush=True)\nwhile True:\n"
        f"    try: open({str(filler)!r}, 'ab', buffering=0).write(bytes(4096))\n"
        f"    except OSError: break\n"
        f"for number in range(2000): print(f'{{number:064d}}', flush=True)\n"
        f"os.unlink({str(filler)!r})\nprint('after', flush=True)\n"
    )
    result = on_a_small_disk(home, mount, kept, sys.executable, "-c", job)
    (meta,) = kept.glob("runs/*/meta.json")
    run = Run(meta.parent)
    (hole,) = run.of_kind("gap")
    assert run.output.startswith(b"before\n")
    assert run.output.endswith(b"after\n")
    assert len(run.output) + hole["bytes"] == len(result.stdout)
    assert with_holes(run.output, [hole], result.stdout)


def with_holes(recorded: bytes, holes: list[dict[str, int]], whole: bytes) -> bool:
    """Whether `recorded` is `whole` with the named holes cut out."""
    at = 0
    rest = whole
    for hole in holes:
        size = hole["at"] - at
        if rest[:size] != recorded[at : hole["at"]]:
            return False
        rest, at = rest[size + hole["bytes"] :], hole["at"]
    return rest == recorded[at:]
