"""What a run says of where it ran: the commit, as git itself has it, and a few words on the environment."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.support.runner import Home

from progress_run import environment, git

Git = Callable[..., str]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with one commit on the branch `trunk`, and a folder in it."""
    here = tmp_path / "repository"
    (here / "deep" / "inside").mkdir(parents=True)
    run_git(here, "init", "--quiet", "--initial-branch=trunk")
    commit(here)
    return here


def run_git(folder: Path, *args: str) -> str:
    who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", "-C", str(folder), *who, *args], check=True, capture_output=True, text=True)
    return done.stdout.strip()


def commit(folder: Path) -> str:
    run_git(folder, "commit", "--quiet", "--allow-empty", "--message=more")
    return run_git(folder, "rev-parse", "HEAD")


def test_the_commit_and_its_branch_are_those_of_the_repository_around(repository: Path) -> None:
    last = commit(repository)
    assert git.head_of(repository / "deep" / "inside") == {"commit": last, "branch": "trunk"}


def test_a_packed_branch(repository: Path) -> None:
    run_git(repository, "pack-refs", "--all")
    assert git.head_of(repository) == {"commit": run_git(repository, "rev-parse", "HEAD"), "branch": "trunk"}


def test_a_commit_without_a_branch(repository: Path) -> None:
    run_git(repository, "checkout", "--quiet", "--detach")
    assert git.head_of(repository) == {"commit": run_git(repository, "rev-parse", "HEAD")}


@pytest.mark.parametrize("packed", [False, True])
def test_a_further_working_tree(repository: Path, tmp_path: Path, packed: bool) -> None:
    tree = tmp_path / "tree"
    run_git(repository, "worktree", "add", "--quiet", "-b", "topic/one", str(tree))
    if packed:
        run_git(repository, "pack-refs", "--all")
    assert git.head_of(tree) == {"commit": run_git(tree, "rev-parse", "HEAD"), "branch": "topic/one"}


def test_no_repository_and_no_commit(tmp_path: Path) -> None:
    assert git.head_of(tmp_path) is None
    run_git(tmp_path, "init", "--quiet")
    assert git.head_of(tmp_path) is None
    assert git.head_of(tmp_path / "gone") is None


@pytest.mark.parametrize(
    "head", ["ref: refs/heads/../../secret", "ref: ../../../../etc/passwd", "root:x:0:0", "", "\0"]
)
def test_nothing_but_a_commit_is_told(tmp_path: Path, head: str) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "HEAD").write_text(head)
    (tmp_path / "secret").write_text("hunter2\n")
    assert git.head_of(tmp_path) is None


def test_a_pipe_in_the_place_of_a_file_holds_nothing_up(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    os.mkfifo(tmp_path / ".git" / "HEAD")
    assert git.head_of(tmp_path) is None


def test_the_environment_in_a_few_words(tmp_path: Path) -> None:
    venv = tmp_path / "work" / ".venv"
    venv.mkdir(parents=True)
    (venv / "pyvenv.cfg").write_text("home = /usr/bin\nversion = 3.12.4\n")
    set_by = {
        "VIRTUAL_ENV": str(venv),
        "GITLAB_CI": "true",
        "CI": "true",
        "SLURM_JOB_ID": "4711",
        "API_TOKEN": "hunter2",
    }
    found = environment.summary({**set_by, "CUDA_VISIBLE_DEVICES": "0,\n1"}, "/bin/sh")
    named = {"python": "3.12.4", "venv": "work/.venv", "ci": "GitLab CI", "batch": "Slurm 4711", "gpus": "0, 1"}
    assert named.items() <= found.items()
    assert "hunter2" not in str(found)
    assert found["system"].startswith(os.uname().sysname)


def test_without_a_virtualenv_the_interpreter_says_its_version(tmp_path: Path) -> None:
    (tmp_path / "python3.13").touch()
    (tmp_path / "python3").symlink_to("python3.13")
    assert environment.summary({}, str(tmp_path / "python3"))["python"] == "3.13"
    assert "python" not in environment.summary({}, "/bin/sh")


def test_a_run_has_both(home: Home, repository: Path) -> None:
    assert home.run("true", cwd=repository).returncode == 0
    meta = home.only_run.record["meta"]
    assert meta["git"] == git.head_of(repository)
    assert meta["environment"]["system"]
