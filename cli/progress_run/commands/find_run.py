"""Which run of this machine is meant by what was typed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import click

from progress_run import home, run_directory
from progress_run.errors import IO_ERROR, Failure
from progress_run.run_directory import Record


def directories() -> list[Path]:
    """The directories of all runs, the oldest first."""
    try:
        return sorted(path for path in home.runs_dir().iterdir() if path.is_dir())
    except FileNotFoundError:
        return []
    except OSError as error:
        raise Failure(f"{home.runs_dir()} can't be read: {error.strerror}.", "Set PROGRESS_HOME.", IO_ERROR) from error


def by_id(name: str) -> Path:
    """The directory of the run with this id, or one that begins or ends so; or in this directory."""
    return _directory(name) or _only(name, _with_id(name))


def by_anything(name: str) -> Path:
    """Likewise, or of the run at this link, or of the newest one of this name."""
    if "://" in name:
        token = name.partition("#")[0].rstrip("/").rpartition("/")[2]
        return _only(
            name, [path for path, record in _records() if token in (record["view_token"], record["owner_token"])]
        )
    called = [path for path, record in _records() if record["meta"].get("name") == name]
    return _directory(name) or _only(name, _with_id(name) or called[-1:])


def _directory(name: str) -> Path | None:
    is_path = os.sep in name or (Path(name) / run_directory.META).is_file()
    return Path(name).absolute() if is_path else None


def _with_id(name: str) -> list[Path]:
    paths = directories()
    exactly = [path for path in paths if path.name == name]
    return exactly or [path for path in paths if path.name.startswith(name) or path.name.endswith(name)]


def _records() -> Iterator[tuple[Path, Record]]:
    for path in directories():
        try:
            yield path, run_directory.read_record(path)
        except (OSError, ValueError):
            continue  # one that is just being made, or was damaged


def _only(name: str, found: list[Path]) -> Path:
    if len(found) == 1:
        return found[0]
    meant = f"{len(found)} runs are meant by {name!r}" if found else f"no run is meant by {name!r}"
    raise click.BadParameter(f"{meant}. The runs are in {home.runs_dir()}.", param_hint="RUN")
