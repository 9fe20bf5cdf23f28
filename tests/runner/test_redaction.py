"""A real run's secrets: at the user's terminal as they are, nowhere in what is recorded."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from tests.support.hub import wait_until
from tests.support.runner import Home, name_of
from tests.support.secrets import PRIVATE_KEY, TOKENS, line_of

from progress_run.recorder.redactor import HOLD

SECRET = TOKENS["GitHub"][1]
LINE, LEFT = line_of("GitHub")


def python(script: str) -> tuple[str, str, str]:
    return sys.executable, "-c", script


def files_with(text: str, path: Path) -> list[str]:
    return [str(file) for file in path.rglob("*") if file.is_file() and text.encode() in file.read_bytes()]


def test_the_terminal_gets_what_the_job_wrote_and_the_recording_a_mask(home: Home) -> None:
    home.environ["LINE"] = LINE
    with home.terminal("sh", "-c", 'echo "$LINE"') as terminal:
        assert terminal.finish() == 0
    assert f"{LINE}\r\n".encode() in terminal.output
    assert " · 1 secret masked · ".encode() in terminal.output
    assert home.only_run.output == f"{LEFT}\r\n".encode()
    assert files_with(SECRET, home.path) == []


def test_so_it_is_with_pipes_each_stream_by_itself(home: Home) -> None:
    result = home.run("sh", "-c", 'echo "$1"; echo "$2" >&2', "sh", LINE, PRIVATE_KEY)
    assert result.stdout.decode() == f"{LINE}\n"
    assert result.stderr.decode() == f"{PRIVATE_KEY}\n"
    run = home.only_run
    assert run.stream(1).decode() == f"{LEFT}\n"
    assert run.stream(2).decode().splitlines()[1:-1] == ["***"] * 7
    assert files_with(SECRET, home.path) == []


@pytest.mark.parametrize("mode", ["--pty", "--no-pty"])
def test_a_secret_that_comes_in_pieces_is_masked(home: Home, mode: str) -> None:
    write = "import os\nfor byte in os.environ['LINE'].encode(): os.write(1, bytes([byte]))"
    home.environ["LINE"] = LINE
    home.run(mode, *python(write))
    assert home.only_run.output == LEFT.encode()


def test_a_prompt_is_recorded_while_the_job_waits(home: Home) -> None:
    prompt = b"your token (ghp_...): "
    with home.terminal("sh", "-c", f"printf '{prompt.decode()}'; read answer") as terminal:
        terminal.until(rb"ghp_\.\.\.\): ")
        wait_until(lambda: home.only_run.output == prompt, "the prompt is recorded")
        terminal.send(b"x\r")
        terminal.finish()


def test_nothing_is_held_at_the_end(home: Home) -> None:
    home.run("printf", "the token is ghp_123")
    assert home.only_run.output == b"the token is ghp_123"


def test_a_slow_reader_is_waited_for_whatever_is_held(home: Home, tmp_path: Path) -> None:
    written = tmp_path / "written"
    # What two pipes and one reading hold: the job has ended while nobody reads; and each reading ends within a line.
    written.write_bytes(b"a line of words.\n" * 10_500)
    with home.start("--redact", "word.*never", "cat", str(written)) as runner:
        wait_until(lambda: bool(home.runs) and home.only_run.output != b"", "some of it is recorded")
        wait_until(lambda: not any("cat" in name_of(each) for each in home.processes()), "the job has ended")
        with pytest.raises(subprocess.TimeoutExpired):  # nobody reads
            runner.wait(10 * HOLD)
        assert runner.stdout is not None
        assert runner.stdout.read() == written.read_bytes()
        assert runner.wait() == 0
    assert home.only_run.output == written.read_bytes()


def test_a_report_of_boxes_in_boxes_harms_nobody(home: Home) -> None:
    script = """
        import os, socket
        boxes = "[" * 900 + "]" * 900
        to = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        to.sendto(b'{"kind": "note", "text": %s}' % boxes.encode(), os.environ["PROGRESS_EVENTS"])
        print("and on")"""
    assert home.run(*python(textwrap.dedent(script))).returncode == 0
    assert home.only_run.output == b"and on\n"


def test_what_processes_left_behind_write_is_not_recorded(home: Home, tmp_path: Path) -> None:
    """As it was before: nobody masks it, so nobody may record it."""
    late = 'while [ ! -e "$1" ]; do sleep 0.05; done; echo "$2"; touch "$3"'
    go, done = tmp_path / "go", tmp_path / "done"
    nowhere = {"capture_output": False, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    home.run("sh", "-c", f"({late}) & echo early", "sh", str(go), LINE, str(done), **nowhere)
    go.touch()
    wait_until(done.exists, "the process that was left behind has written")
    assert home.only_run.output == b"early\n"


def test_values_of_variables_are_masked_and_those_named(home: Home) -> None:
    home.environ.update(DEPLOY_TOKEN="c0rrect-horse", PIN="0815")
    home.run("--redact-env", "PIN", "sh", "-c", 'echo "$DEPLOY_TOKEN $PIN"')
    assert home.only_run.output == b"*** ***\n"


def test_patterns_are_masked_also_those_of_the_environment(home: Home) -> None:
    home.environ["PROGRESS_REDACT"] = r"order-\d+ user=(\w+)"
    home.run("echo", "order-4711 user=joe")
    home.run("--redact", "o[rd]+er", "echo", "order-4711 user=joe")
    assert [run.output for run in home.runs] == [b"*** user=***\n", b"***-4711 user=joe\n"]


def test_on_request_nothing_is_masked(home: Home) -> None:
    home.run("--no-redact", "echo", LINE)
    assert home.only_run.output == f"{LINE}\n".encode()
    assert home.only_run.record["meta"]["command"] == ["echo", LINE]
    assert home.only_run.of_kind("note") == []


@pytest.mark.parametrize(
    ("options", "words"),
    [(["--redact", "("], b"is not a regular expression"), (["--no-redact", "--redact", "x"], b"Leave out one")],
)
def test_a_wish_that_makes_no_sense_is_refused_before_the_job(home: Home, options: list[str], words: bytes) -> None:
    result = home.run(*options, "echo", "hello")
    assert result.returncode == 2
    assert words in result.stderr
    assert result.stdout == b""


def test_name_command_line_and_tags_are_masked(home: Home) -> None:
    token = "".join(TOKENS["GitHub"])
    options = ["--name", f"with {token}", "--tag", f"by={token}"]
    home.run(*options, "true", "--password=c0rrect-horse", token)
    meta = home.only_run.record["meta"]
    assert meta["name"] == "with ghp_***"
    assert meta["command"] == ["true", "--password=***", "ghp_***"]
    assert meta["tags"] == {"by": "ghp_***"}
    assert files_with(SECRET, home.path) == []


def test_reports_are_masked_before_they_are_cut(home: Home) -> None:
    """A label has room for 200 characters, within which a token may lose its end and look like one no more."""
    home.environ["IN_THE_END"] = token = "".join(TOKENS["GitHub"])
    report = (
        "import json, os, socket; to = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)\n"
        "token = os.environ['IN_THE_END']\n"
        "def say(**report): to.sendto(json.dumps(report).encode(), os.environ['PROGRESS_EVENTS'])\n"
        "say(kind='task', id=token, label='x' * 190 + token, unit=token, state='done')\n"
        "say(kind='metric', name='loss ' + token, value=1)\n"
        "say(kind='group', name='group ' + token, open=True)\n"
        "say(kind='note', text='about ' + token)\n"
    )
    home.run(*python(report))
    run = home.only_run
    assert {event["name"] for event in run.of_kind("metric")} == {"loss ghp_***"}
    assert {event["name"] for event in run.of_kind("group")} == {"group ghp_***"}
    assert "about ghp_***" in [event["text"] for event in run.of_kind("note")]
    (task,) = run.of_kind("task")
    assert (task["id"], task["label"], task["unit"]) == ("ghp_***", "x" * 190 + "ghp_***", "ghp_***")
    assert files_with(token[:12], home.path) == []


def test_nothing_is_said_of_nothing(home: Home) -> None:
    home.run("echo", "a line without a secret")
    assert home.only_run.of_kind("note") == []


def test_what_was_masked_is_told_in_the_run(home: Home) -> None:
    home.run("sh", "-c", 'echo "$1"; echo "$1"', "sh", LINE)
    told = [event["text"] for event in home.only_run.of_kind("note")]
    assert told == ["Masked from here on: GitHub token.", "Masked in this recording: GitHub token × 3."]
