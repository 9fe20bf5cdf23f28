"""What SCRIPT may be: a file, a file with an interpreter, a command on PATH."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from progress_run.errors import Failure
from progress_run.script import resolve


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(path: Path, mode: int = 0o644) -> None:
    path.write_text("")
    path.chmod(mode)


def test_a_command_is_looked_up_on_path() -> None:
    assert resolve("ls", ["-l"]) == (shutil.which("ls"), ["ls", "-l"])


def test_an_executable_file_is_executed(here: Path) -> None:
    write(here / "job", 0o755)
    assert resolve("job", ["a"]) == ("./job", ["./job", "a"])
    assert resolve(f"{here}/job", []) == (f"{here}/job", [f"{here}/job"])


@pytest.mark.parametrize(("name", "interpreter"), [("job.py", "python3"), ("job.sh", "bash"), ("JOB.PL", "perl")])
def test_an_extension_picks_the_interpreter(here: Path, name: str, interpreter: str) -> None:
    write(here / name)
    assert resolve(name, ["-x"]) == (shutil.which(interpreter), [interpreter, name, "-x"])


def test_python_is_that_of_the_virtualenv(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "venv").mkdir()
    write(here / "venv" / "python3", 0o755)
    write(here / "job.py")
    monkeypatch.setenv("PATH", str(here / "venv"))
    assert resolve("job.py", []).program == str(here / "venv" / "python3")


def test_a_command_wins_over_a_file_of_its_name(here: Path) -> None:
    write(here / "ls", 0o755)
    assert resolve("ls", []).program == shutil.which("ls")
    assert resolve("./ls", []).program == "./ls"


@pytest.mark.parametrize(("name", "code"), [("nothing", 127), ("folder", 126), ("plain.txt", 126), ("broken", 127)])
def test_what_cannot_be_run_is_told_with_the_shells_code(here: Path, name: str, code: int) -> None:
    (here / "folder").mkdir()
    write(here / "plain.txt")
    (here / "broken").symlink_to("nowhere")
    with pytest.raises(Failure) as failure:
        resolve(name, [])
    assert failure.value.exit_code == code


def test_a_missing_interpreter_is_named(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(here / "job.jl")
    monkeypatch.setenv("PATH", str(here))
    with pytest.raises(Failure, match="julia") as failure:
        resolve("job.jl", [])
    assert failure.value.exit_code == 127
