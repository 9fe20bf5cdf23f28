"""The hub as a process: how it starts, what it says when it can't, and how it ends."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from tests.support.clients import Publisher, Viewer
from tests.support.hub import Hub, environment


def serve(*flags: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run `serve` where it can't start."""
    command = [sys.executable, "-m", "progress_hub", "serve", *flags]
    return subprocess.run(command, env={**environment(), **variables}, capture_output=True, text=True, timeout=60)


def refused(result: subprocess.CompletedProcess[str]) -> tuple[int, str]:
    """Exit code and the last line that it said."""
    assert "Traceback" not in result.stderr
    assert result.stdout == ""
    return result.returncode, result.stderr.splitlines()[-1]


def test_it_says_where_it_is_and_keeps_its_things_private(hub: Hub) -> None:
    said = json.loads((hub.data / "hub.json").read_text())
    assert said["url"] == hub.url
    assert said["pid"] == hub.process.pid
    assert said["protocol"] == 1
    for name in (".", "key", "hub.db", "hub.lock"):
        assert (hub.data / name).stat().st_mode & 0o077 == 0
    assert json.loads(hub.get("/healthz"))["status"] == "ok"
    assert "Traceback" not in hub.log


def test_it_ends_at_once_whoever_is_connected(own_hub: Hub) -> None:
    with Publisher(own_hub) as publisher:
        publisher.open()
        publisher.append_all(b"hello\n")
        with Viewer(own_hub, publisher.token), urllib.request.urlopen(f"{own_hub.url}/r/{publisher.token}.ansi"):
            assert own_hub.stop() == 0
    own_hub.start()
    assert own_hub.get(f"/r/{publisher.token}/output") == b"hello\n"


def test_one_hub_a_data_directory(tmp_path: Path) -> None:
    with Hub(data=tmp_path) as hub:
        code, line = refused(serve("--data", str(tmp_path), "--port", "0"))
        assert code == 69
        assert line == f"Error: A hub already runs on {tmp_path} at {hub.url}. Use it, or name another --data."


def test_a_port_in_use(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        code, line = refused(serve("--data", str(tmp_path), "--port", str(port)))
    assert code == 69
    assert line == f"Error: 127.0.0.1:{port} is in use by another program. Choose another --port."


def test_what_cannot_be_used_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert refused(serve("--data", str(tmp_path / "file" / "hub"), "--port", "0"))[0] == 73
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "hub.db").write_bytes(b"no database, but long enough to be one" * 100)
    code, line = refused(serve("--data", str(tmp_path / "bad"), "--port", "0"))
    assert (code, "file is not a database" in line) == (74, True)
    assert refused(serve("--async-mode", "gevent"))[0] == 2
    assert refused(serve(PROGRESS_HUB_PORT="many"))[0] == 2
    assert refused(serve("--host", "192.0.2.1", "--data", str(tmp_path / "new"), "--port", "0"))[0] == 69


def test_other_machines_reach_it_only_if_somebody_has_thought_of_it(tmp_path: Path) -> None:
    code, line = refused(serve("--data", str(tmp_path), "--host", "0.0.0.0", "--port", "0"))
    assert code == 78
    assert line == (
        "Error: Other machines reach 0.0.0.0, and this hub has neither TLS nor a key of yours. Give it --tls-cert and "
        "--tls-key, or your key in PROGRESS_HUB_KEY, or --public if the network is to be trusted."
    )
    with socket.create_server(("0.0.0.0", 0)) as listener:
        command = [sys.executable, "-m", "progress_hub", "serve", "--data", str(tmp_path)]
        handed = subprocess.run(
            [*command, "--fd", str(listener.fileno())],
            env=environment(), pass_fds=[listener.fileno()], capture_output=True, text=True, timeout=60,
        )  # fmt: skip
    assert refused(handed) == (code, line)


@pytest.mark.parametrize(
    ("flags", "variables"),
    [
        (["--public"], {}),
        ([], {"PROGRESS_HUB_PUBLIC": "yes"}),
        ([], {"PROGRESS_HUB_KEY": "a key that was thought of"}),
    ],
)
def test_it_does_so_by_an_explicit_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flags: list[str], variables: dict[str, str]
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with Hub("eventlet", "--host", "0.0.0.0", *flags, data=tmp_path, inherit=tuple(variables)) as hub:
        assert json.loads(hub.get("/healthz"))["status"] == "ok"


def test_secrets_have_no_flag_and_are_not_short(tmp_path: Path) -> None:
    code, line = refused(serve("--key", "a key that is long enough"))
    assert (code, "No such option" in line) == (2, True)
    assert refused(serve("--owner-key", "a key that is long enough"))[0] == 2
    code, line = refused(serve("--data", str(tmp_path), PROGRESS_HUB_OWNER_KEY="hunter2"))
    assert code == 2
    assert line == (
        "Error: The setting owner_key has less than 16 characters and can be guessed; "
        "`openssl rand -hex 32` prints a good one."
    )


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--proxies", "10.0.0.0/33"], "proxies has '10.0.0.0/33'"),
        (["--run-bytes", "-1"], "run_bytes is -1; it can be 0 or more."),
        (["--stalled-after", "0"], "stalled_after is 0; it has to be more than 0."),
        (["--messages-per-second", "many"], "messages_per_second is 'many'; it has to be a number."),
        (["--tls-key", "key.pem"], "tls_key has no certificate; name that with tls_cert."),
    ],
)
def test_settings_that_make_no_sense(flags: list[str], words: str) -> None:
    code, line = refused(serve(*flags))
    assert code == 2
    assert line.startswith(f"Error: The setting {words}")


@pytest.mark.parametrize("mode", ["eventlet", "threading"])
def test_a_socket_and_a_lock_that_are_handed_over(tmp_path: Path, mode: str) -> None:
    lock = os.open(tmp_path / "hub.lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(lock, fcntl.LOCK_EX)
    with socket.create_server(("127.0.0.1", 0), backlog=16) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        command = [sys.executable, "-m", "progress_hub", "serve", "--data", str(tmp_path), "--async-mode", mode]
        command += ["--fd", str(listener.fileno()), "--lock-fd", str(lock)]
        early = socket.create_connection(listener.getsockname())
        early.sendall(b"GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n")
        process = subprocess.Popen(
            command, env=environment(), stdout=subprocess.PIPE, text=True, pass_fds=(listener.fileno(), lock),
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(lock)
    with process, early:
        assert process.stdout is not None
        assert process.stdout.readline() == f"progress hub at {url}\n"
        assert early.recv(1000).split(b" ")[1] == b"200"
        assert refused(serve("--data", str(tmp_path), "--port", "0"))[0] == 69
        process.terminate()
        assert process.wait(20) == 0


def test_settings_come_from_a_config_object_and_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from progress_hub.settings import Settings

    assert Settings.load({"PORT": 1, "DATA": tmp_path}, {"PROGRESS_HUB_PORT": "2"}).port == 2
    assert Settings.load({"PORT": 1}, {}).port == 1
    assert Settings.load({"ALLOWED_HOSTS": ["a"]}, {}).allowed_hosts == ("a",)
    monkeypatch.setenv("PROGRESS_HOME", str(tmp_path))
    assert Settings().data == tmp_path / "hub"
