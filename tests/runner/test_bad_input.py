"""What goes wrong is said in a sentence or two, with a fitting exit code and never a traceback; the job comes first."""

from __future__ import annotations

import http.server
import json
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.support.hub import Hub
from tests.support.runner import Home

from progress_run import run_directory


@pytest.mark.parametrize("address", ["localhost", "ftp://host", "http://", "http://host:99999", "http://host/?query"])
def test_an_address_that_can_be_no_hub_is_refused_at_once(home: Home, address: str) -> None:
    result = home.run("--hub", address, "echo", "hello")
    assert result.returncode == 2
    assert b"is not the address of a hub" in result.stderr
    assert result.stdout == b""


@pytest.mark.parametrize("tag", ["novalue", "=value"])
def test_a_malformed_tag_is_refused(home: Home, tag: str) -> None:
    result = home.run("--tag", tag, "echo", "hello")
    assert result.returncode == 2
    assert b"Write it as KEY=VALUE" in result.stderr


def test_no_script_is_a_usage_error(home: Home) -> None:
    result = home.run()
    assert result.returncode == 2
    assert b"SCRIPT" in result.stderr


def test_a_wrong_key_is_told_at_the_end_and_the_job_keeps_its_code(home: Home, hub: Hub) -> None:
    home.environ.update(PROGRESS_HUB=hub.url, PROGRESS_KEY="wrong", PROGRESS_DRAIN="20")
    with home.terminal("sh", "-c", "echo hello; exit 4") as terminal:
        assert terminal.finish() == 4
    assert b"hello" in terminal.output
    assert b"The publish key is wrong" in terminal.output
    assert b"Traceback" not in terminal.output


@contextmanager
def server_of(handler: type[http.server.BaseHTTPRequestHandler]) -> Iterator[str]:
    """The URL of a web server that is no hub of ours."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def test_something_that_is_no_hub_is_told_at_the_end(home: Home) -> None:
    with server_of(http.server.BaseHTTPRequestHandler) as url:
        home.environ.update(PROGRESS_HUB=url, PROGRESS_DRAIN="20")
        with home.terminal("echo", "hello") as terminal:
            assert terminal.finish() == 0
    assert b"is not a progress hub" in terminal.output
    assert b"Check the address" in terminal.output


def test_a_hub_of_another_protocol_is_told_at_the_end(home: Home) -> None:
    class Stranger(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = b'{"progress": "hub", "protocol": 99}'
            found = self.path == "/healthz"
            self.send_response(200 if found else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    with server_of(Stranger) as url:
        home.environ.update(PROGRESS_HUB=url, PROGRESS_DRAIN="20")
        with home.terminal("echo", "hello") as terminal:
            assert terminal.finish() == 0
    assert b"speaks protocol 99, we speak 1" in terminal.output


def test_a_state_directory_that_cannot_be_used_costs_the_link_and_not_the_job(home: Home, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    home.environ["PROGRESS_HOME"] = str(tmp_path / "file")
    with home.terminal("sh", "-c", "echo hello; exit 6") as terminal:
        assert terminal.finish() == 6
    assert b"can't record in" in terminal.output
    assert b"set PROGRESS_HOME to a directory of yours" in terminal.output
    assert terminal.output.endswith(b"hello\r\n")


def test_an_unusable_state_directory_is_a_failure_where_it_is_needed(home: Home, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    home.environ["PROGRESS_HOME"] = str(tmp_path / "file")
    home.environ.pop("PROGRESS_HUB_DATA", None)
    argv = [arg if arg != "run" else "hub" for arg in home.argv("start")]
    result = subprocess.run(argv, env=home.environ, capture_output=True)
    assert result.returncode == 73
    assert result.stderr.count(b"\n") == 1
    assert b"Traceback" not in result.stderr


def test_a_configuration_that_is_no_toml_is_named(home: Home, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text("hub = ")
    result = home.run("echo", env={**home.environ, "PROGRESS_CONFIG": str(config)})
    assert result.returncode == 78
    assert str(config).encode() in result.stderr


def test_the_configuration_is_read_below_flags_and_environment(home: Home, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text('hub = "http://127.0.0.1:10"\nname = "from the file"\n')
    environ = {name: value for name, value in home.environ.items() if name != "PROGRESS_HUB"}
    home.run("true", env={**environ, "PROGRESS_CONFIG": str(config)})
    home.run("--name", "flag", "true", env={**home.environ, "PROGRESS_CONFIG": str(config)})
    first, second = home.runs
    assert (first.record["hub"], first.record["meta"]["name"]) == ("http://127.0.0.1:10", "from the file")
    assert (second.record["hub"], second.record["meta"]["name"]) == ("http://127.0.0.1:9", "flag")


def test_two_runs_cannot_have_one_directory(tmp_path: Path) -> None:
    run_directory.create(tmp_path, "one")
    with pytest.raises(FileExistsError):
        run_directory.create(tmp_path, "one")


def test_a_run_id_that_is_taken_on_the_hub_is_told(home: Home, hub: Hub) -> None:
    """Two runners with one id, say by a copied and edited run directory: the first has it, the second is told."""
    home.environ.update(PROGRESS_HUB=hub.url, PROGRESS_KEY=hub.key, PROGRESS_DRAIN="20")
    assert home.run("echo", "first").returncode == 0
    copied = home.only_run.path
    record = home.only_run.record
    other = Home(home.path.parent / "other")
    path = run_directory.create(other.path / "runs", record["id"])
    for name in ("output.log", "timing", "events.ndjson"):
        (path / name).write_bytes((copied / name).read_bytes())
    record["view_token"] = "x" * 24
    (path / "meta.json").write_text(json.dumps(record))
    code = "import sys; from progress_run.sender.process import main; sys.exit(main())"
    argv = [home.argv()[0], "-c", code, os.fspath(path)]
    with subprocess.Popen(argv, env=home.environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as sender:
        assert sender.stdout
        assert b'"refused"' in sender.stdout.readline()
        sender.kill()
