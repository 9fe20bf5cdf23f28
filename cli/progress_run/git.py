"""Which commit a folder is at, read from the files git keeps: starting git would take longer than many a job.

The files are described in gitrepository-layout(5). They may be anybody's, so only what looks like a commit is told.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from progress_run.lazy import Pattern
from progress_run.protocol import LABEL_CHARACTERS, Git
from progress_run.small_file import beginning

_COMMIT = Pattern(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_BRANCH = "refs/heads/"
_LINE_BYTES = 4096
_PACKED_BYTES = 1024 * 1024
"""The most that is read of packed-refs: a minute's worth of branches must not hold up the job."""


def head_of(folder: Path) -> Git | None:
    """The commit checked out where `folder` lies, and its branch; None where there is none, or it can't be told."""
    repository = next(filter(None, map(_repository, _upwards(folder))), None)
    if repository is None:
        return None
    kind, _, ref = _line(repository / "HEAD").partition(" ")
    if kind != "ref:":
        return {"commit": kind} if _COMMIT.fullmatch(kind) else None
    commit = _commit(repository, ref)
    return _named(commit, ref) if commit else None


def _named(commit: str, ref: str) -> Git:
    if not ref.startswith(_BRANCH):
        return {"commit": commit}
    return {"commit": commit, "branch": ref.removeprefix(_BRANCH)[:LABEL_CHARACTERS]}


def _upwards(folder: Path) -> Iterator[Path]:
    """The folder and those around it, as far as they are on the same file system, which is where git looks."""
    try:
        device = folder.stat().st_dev
        for each in (folder, *folder.parents):
            if each.stat().st_dev != device:
                return
            yield each
    except OSError:
        return


def _repository(folder: Path) -> Path | None:
    """The repository in `folder`, where a working tree or submodule has a file that says where it is instead."""
    git = folder / ".git"
    if git.is_file():
        elsewhere = _line(git).removeprefix("gitdir: ")
        git = folder / elsewhere
    return git if (git / "HEAD").exists() else None


def _commit(repository: Path, ref: str) -> str | None:
    """What a reference points to: in a file of its own, or among the packed ones; working trees share them."""
    shared = repository / (_line(repository / "commondir") or ".")
    for place in (repository, shared):
        found = _line(place / ref)
        if _COMMIT.fullmatch(found):
            return found
    lines = beginning(shared / "packed-refs", _PACKED_BYTES).splitlines()
    packed = next((line.partition(" ")[0] for line in lines if line.endswith(f" {ref}")), "")
    return packed if _COMMIT.fullmatch(packed) else None


def _line(path: Path) -> str:
    return beginning(path, _LINE_BYTES).partition("\n")[0].strip()
