"""From what the user named to what is executed: a file, a file with an interpreter, or a command on PATH."""

from __future__ import annotations

import os
from collections.abc import Sequence
from errno import ENOENT
from pathlib import Path
from typing import NamedTuple

from progress_run.errors import NOT_EXECUTABLE, NOT_FOUND, Failure

INTERPRETERS: dict[str, tuple[str, ...]] = {
    ".py": ("python3", "python"),
    ".sh": ("bash", "sh"),
    ".bash": ("bash",),
    ".zsh": ("zsh",),
    ".js": ("node", "nodejs"),
    ".mjs": ("node", "nodejs"),
    ".r": ("Rscript",),
    ".rb": ("ruby",),
    ".pl": ("perl",),
    ".php": ("php",),
    ".lua": ("lua",),
    ".jl": ("julia",),
}
"""Interpreters by lower-case extension, the preferred one first; `python3` of PATH, so that a virtualenv is used."""


class Command(NamedTuple):
    """What to execute: the program's path, and its arguments with argv[0] as the user would see it."""

    program: str
    argv: list[str]


def resolve(script: str, args: Sequence[str]) -> Command:
    """Find out how to execute `script`.

    A bare name is looked up on PATH like in a shell, unless a file of that name with a known extension lies here.

    Raises:
        Failure: 127 when there is nothing of that name, 126 when it can't be executed.
    """
    path = Path(script)
    if "/" not in script and not (path.is_file() and _interpreters(path)):
        found = _on_path(script)
        if found:
            return Command(found, [script, *args])
    if not os.path.lexists(path):
        raise Failure(f"{script}: not found.", "Check the name, or give the path of the script.", NOT_FOUND)
    return _resolve_file(path, args)


def _resolve_file(path: Path, args: Sequence[str]) -> Command:
    if path.is_dir():
        raise Failure(f"{path} is a directory.", "Name the script to run in it.", NOT_EXECUTABLE)
    if not path.exists():
        raise Failure(f"{path} is a broken link or out of reach.", "Check where it points.", NOT_FOUND)
    program = os.fspath(path) if "/" in os.fspath(path) else f"./{path}"
    if os.access(path, os.X_OK):
        return Command(program, [program, *args])
    if not os.access(path, os.R_OK):
        raise Failure(f"{path}: permission denied.", "You need the right to read or execute it.", NOT_EXECUTABLE)
    return interpreted(path, args)


def interpreted(path: Path, args: Sequence[str]) -> Command:
    """The command that runs `path` with the interpreter of its extension."""
    names = _interpreters(path)
    if not names:
        what = f"{path} is not executable, and its extension names no interpreter."
        raise Failure(what, f"Use `chmod +x {path}`, or name the interpreter before it.", NOT_EXECUTABLE)
    for name in names:
        program = _on_path(name)
        if program:
            return Command(program, [name, os.fspath(path), *args])
    raise Failure(f"{path} needs {names[0]}, which is not on PATH.", f"Install {names[0]}.", NOT_FOUND)


def _on_path(name: str) -> str | None:
    """As `shutil.which`, whose module takes longer to import than many a job lasts."""
    for folder in os.get_exec_path():
        program = os.path.join(folder, name)
        if os.path.isfile(program) and os.access(program, os.X_OK):
            return program
    return None


def _interpreters(path: Path) -> tuple[str, ...]:
    return INTERPRETERS.get(path.suffix.lower(), ())


def not_executable(command: Command, errno: int) -> Failure:
    """What to say when the kernel refuses to execute the command with this errno."""
    what = f"{command.program} can't be executed: {os.strerror(errno)}."
    return Failure(what, "Check its first line (#!) and its mode.", NOT_FOUND if errno == ENOENT else NOT_EXECUTABLE)
