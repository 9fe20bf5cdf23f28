"""Record real programs on a 100×30 terminal into tests/recognise/recordings/, for the recogniser's tests and bench.

    python -m bench.record_casts PYTHON [NAME...]

PYTHON is that of a virtualenv with what bench/casts/requirements.txt lists; programs that are not installed are left
out and named. A recording is an asciicast v2 (https://docs.asciinema.org/manual/asciicast/v2/) whose header says how
the program ended. What each contains stands in tests/recognise/truth.json, written by hand.
"""

from __future__ import annotations

import codecs
import fcntl
import json
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Iterator
from pathlib import Path

from bench.casts.programs import PROGRAMS, Program

ROWS, COLS = 30, 100
JOBS = Path(__file__).parent / "casts"
RECORDINGS = Path(__file__).parents[1] / "tests" / "recognise" / "recordings"
MOST_BYTES = 60_000
PATIENCE = 60.0
TOOLS = ("PIP_", "UV_", "SSL_", "CARGO_", "RUSTUP_", "npm_")
"""What of the environment the programs get: where their registries are."""
ANSWERS = {b"\033[6n": b"\033[1;1R", b"\033[c": b"\033[?62;c"}
"""What a terminal says when it is asked for its cursor or its kind; enlighten waits for that."""


def main() -> None:
    """Record the named ones, or all."""
    python, *names = sys.argv[1:]
    RECORDINGS.mkdir(parents=True, exist_ok=True)
    for name in names or PROGRAMS:
        program = PROGRAMS[name]
        path = os.pathsep.join([os.fspath(Path(python).absolute().parent), os.environ["PATH"]])
        if shutil.which(program.argv[0], path=path) is None:
            print(f"{name}: {program.argv[0]} is not installed here")
            continue
        print(f"{name}: {record(name, program, path)} bytes")


def record(name: str, program: Program, path: str) -> int:
    """Run one program in a folder of its own; the size of its recording."""
    with tempfile.TemporaryDirectory(prefix="cast-") as folder:
        environ = {**{name: value for name, value in os.environ.items() if name.startswith(TOOLS)}, "PATH": path}
        environ.setdefault("RUSTUP_HOME", os.fspath(Path.home() / ".rustup"))
        environ.update(HOME=folder, TERM="xterm-256color", LANG="C.UTF-8", JOBS=os.fspath(JOBS))
        subprocess.run(["bash", "-ec", program.setup], cwd=folder, env=environ, check=True, stdout=subprocess.DEVNULL)
        events, code = run(program.argv, folder, environ)
    header = {"version": 2, "width": COLS, "height": ROWS, "command": " ".join(program.argv), "exit": code}
    lines = [json.dumps(header), *(json.dumps([round(t, 3), "o", text], ensure_ascii=False) for t, text in events)]
    text = impersonal("\n".join(lines) + "\n", folder)
    if len(text.encode()) > MOST_BYTES:
        raise SystemExit(f"{name} takes {len(text.encode())} bytes, more than {MOST_BYTES}: make it shorter.")
    (RECORDINGS / f"{name}.cast").write_text(text)
    return len(text.encode())


def run(argv: tuple[str, ...], folder: str, environ: dict[str, str]) -> tuple[list[tuple[float, str]], int]:
    """What a program writes to a terminal, by the time it did, and its exit code; negative for a signal."""
    child, master = pty.fork()
    if child == 0:
        os.chdir(folder)
        time.sleep(0.05)  # the window has its size before the program looks at it
        os.execvpe(argv[0], argv, environ)
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLS, 0, 0))
    try:
        events = list(read(master))
    finally:
        os.close(master)
    return events, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def read(master: int) -> Iterator[tuple[float, str]]:
    """Pieces of output, each with the seconds since the start; a character is never split."""
    decoder, started = codecs.getincrementaldecoder("utf-8")("replace"), time.monotonic()
    while time.monotonic() - started < PATIENCE:
        if not select.select([master], [], [], PATIENCE)[0]:
            return
        try:
            data = os.read(master, 65536)
        except OSError:
            return  # EIO: the program is gone
        for question, answer in ANSWERS.items():
            os.write(master, answer * data.count(question))
        if text := decoder.decode(data):
            yield time.monotonic() - started, text


def impersonal(text: str, folder: str) -> str:
    """Without the places and names of the machine it was recorded on."""
    virtualenv = Path(sys.argv[1]).absolute().parents[1]
    for place in (os.path.realpath(folder), folder, sys.prefix, os.fspath(virtualenv), os.fspath(Path.home())):
        text = text.replace(place, "/home/user")
    text = re.sub(r"(?:file|https?)://(?!127\.0\.0\.1)[^\s\"\\]+", "https://packages.example/", text)
    return text.replace(os.uname().nodename, "host")


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    main()
