"""The wheel is whole: built for real, by way of the source distribution, from a copy of this checkout."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from email.message import Message
from email.parser import Parser
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = {"progress_run": ROOT / "cli", "progress_hub": ROOT / "viewer_server"}


def test_the_wheel_of_the_source_distribution_is_whole(tmp_path: Path) -> None:
    checkout = copy_checkout(tmp_path / "checkout")
    sdist = build_sdist(checkout, tmp_path)
    with tarfile.open(sdist) as archive:
        sources = {name.partition("/")[2] for name in archive.getnames()}
    assert {"viewer_ui/package-lock.json", "scripts/build_backend.py", "tests/packaging/test_wheel.py"} <= sources
    assert not any(name.startswith("viewer_server/progress_hub/page/") for name in sources)

    wheel = zipfile.ZipFile(build_wheel(sdist, tmp_path))
    files = set(wheel.namelist())
    assert {name for name in files if name.endswith(".py")} == python_files()
    assert {name.split("/")[0] for name in files} == {*SOURCES, dist_info(files)}
    assert {"progress_run/py.typed", "progress_hub/py.typed"} <= files
    assert page_files(wheel) <= files
    assert commands(wheel) == {"progress": "progress_run.__main__:main", "progress-run": "progress_run.__main__:main"}
    assert metadata(wheel)["Name"] == "progress-run"
    assert metadata(wheel)["Requires-Python"] == ">=3.10"
    assert metadata(wheel)["License-File"] == "LICENSE"


def copy_checkout(target: Path) -> Path:
    """A copy of what git has or would take, so that nothing built here is used, and nothing is built here."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).exists():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    return target


def build_sdist(checkout: Path, target: Path) -> Path:
    """The source distribution of a checkout, through the backend's own hook."""
    program = "import sys, build_backend; print(build_backend.build_sdist(sys.argv[1]))"
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, 'scripts'); {program}", str(target)]
    built = subprocess.run(command, cwd=checkout, capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    return target / built.stdout.split()[-1]


def build_wheel(sdist: Path, target: Path) -> Path:
    """The wheel as pip builds it, with the setuptools and the Node that are installed here."""
    options = ["--no-deps", "--no-build-isolation", "--wheel-dir", str(target)]
    built = subprocess.run([sys.executable, "-m", "pip", "wheel", *options, str(sdist)], capture_output=True, text=True)
    assert built.returncode == 0, built.stdout + built.stderr
    (wheel,) = target.glob("*.whl")
    return wheel


def python_files() -> set[str]:
    """Every Python file of both packages, as a wheel names them."""
    return {
        str(file.relative_to(folder))
        for package, folder in SOURCES.items()
        for file in (folder / package).rglob("*.py")
    }


def dist_info(files: set[str]) -> str:
    (found,) = {name.split("/")[0] for name in files if ".dist-info/" in name}
    return found


def page_files(wheel: zipfile.ZipFile) -> set[str]:
    """The page and the assets it names, as the wheel should hold them."""
    index = wheel.read("progress_hub/page/index.html").decode()
    assets = re.findall(r"""["'][./]*(assets/[^"']+)["']""", index)
    assert assets, index
    return {"progress_hub/page/index.html", *(f"progress_hub/page/{asset}" for asset in assets)}


def commands(wheel: zipfile.ZipFile) -> dict[str, str]:
    """The console scripts by name."""
    entries = wheel.read(f"{dist_info(set(wheel.namelist()))}/entry_points.txt").decode()
    return dict(re.findall(r"^(\S+) = (\S+)$", entries, re.MULTILINE))


def metadata(wheel: zipfile.ZipFile) -> Message:
    return Parser().parsestr(wheel.read(f"{dist_info(set(wheel.namelist()))}/METADATA").decode())
