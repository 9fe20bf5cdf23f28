"""Our own words: the link first, a summary last, and nothing at all where nobody would read it."""

from __future__ import annotations

import re

from tests.support.hub import Hub
from tests.support.runner import Home

LINK = rb"progress: watch it live at (http://127\.0\.0\.1:9/r/[\w-]{22,})\r\n"


def test_the_link_comes_first_and_the_outcome_last(home: Home) -> None:
    with home.terminal("sh", "-c", "echo hello; exit 3") as terminal:
        assert terminal.finish() == 3
    assert re.fullmatch(
        LINK + rb"hello\r\nprogress: failed with exit code 3 in 0\.\d s \xc2\xb7 [^\r]* \xc2\xb7 \1\r\n",
        terminal.output,
    )
    record = home.only_run.record
    assert record["view_token"].encode() in terminal.output
    assert record["owner_token"].encode() not in terminal.output


def test_a_run_of_over_a_second_gets_a_summary(home: Home) -> None:
    with home.terminal("sh", "-c", "echo one; sleep 1.6; echo two") as terminal:
        assert terminal.finish() == 0
    text = terminal.output.decode()
    assert "✓ succeeded in 1." in text.replace("\x1b[0m", "").replace("\x1b[1;32m", "")
    assert "2 lines · 10 bytes" in text
    assert home.only_run.output == b"one\r\ntwo\r\n"


def test_the_terminal_is_the_users_again_before_the_summary(home: Home, hub: Hub) -> None:
    """Its lines begin at the left edge, also after waiting for the hub, and the settings are as they were."""
    home.environ.update(PROGRESS_HUB=hub.url, PROGRESS_KEY=hub.key, PROGRESS_DRAIN="20")
    with home.terminal("sh", "-c", "sleep 1.6; echo hello") as terminal:
        before = terminal.settings()
        assert terminal.finish() == 0
        assert terminal.settings() == before
    words = terminal.output[terminal.output.index(b"hello\r\n") :]
    assert b"complete on the hub" in words
    assert words.count(b"\n") == words.count(b"\r\n") == 6


def test_a_line_that_was_left_open_is_closed_first(home: Home) -> None:
    with home.terminal("printf", "no newline") as terminal:
        terminal.finish()
    assert b"no newline\r\nprogress: succeeded" in terminal.output
    assert home.only_run.output == b"no newline"


def test_quiet_says_nothing(home: Home) -> None:
    with home.terminal("--quiet", "echo", "hello") as terminal:
        terminal.finish()
    assert terminal.output == b"hello\r\n"


def test_without_a_terminal_nothing_is_said(home: Home) -> None:
    result = home.run("echo", "hello")
    assert (result.stdout, result.stderr) == (b"hello\n", b"")


def test_the_jobs_environment_says_where_it_is_watched_and_keeps_our_key(home: Home) -> None:
    result = home.run("env", env={**home.environ, "PROGRESS_KEY": "secret"})
    environ = dict(line.split("=", 1) for line in result.stdout.decode().splitlines() if "=" in line)
    run = home.only_run
    assert environ["PROGRESS_RUN_ID"] == run.record["id"] == run.path.name
    assert environ["PROGRESS_RUN_URL"] == f"http://127.0.0.1:9/r/{run.record['view_token']}"
    assert environ["PROGRESS_EVENTS"].endswith("events.sock")
    assert "secret" not in result.stdout.decode()


def test_the_job_may_report_events(home: Home) -> None:
    script = (
        "import json, os, socket\n"
        "s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.connect(os.environ['PROGRESS_EVENTS'])\n"
        "print('hello', flush=True)\n"
        "s.send(json.dumps({'kind': 'metric', 'name': 'loss', 'value': 0.5, 'seq': 99}).encode())\n"
        "s.send(b'no JSON'); s.send(json.dumps({'kind': 'exit', 'code': 0}).encode()); s.send(b'[' * 5000)\n"
        "s.send(json.dumps({'kind': 'note', 'level': 'info', 'text': 'ä'}).encode())\n"
    )
    assert home.run("python3", "-c", script).returncode == 0
    metric, note, refused, end = home.only_run.events
    assert (metric["kind"], metric["seq"], metric["value"]) == ("metric", 0, 0.5)
    assert (note["text"], end["kind"]) == ("ä", "exit")
    assert refused["text"] == "Not taken of what the job reported: 3 malformed or surplus reports."
