"""Imports point one way, and the way to the user's job is free of heavy libraries."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = {"progress_run": ROOT / "cli" / "progress_run", "progress_hub": ROOT / "viewer_server" / "progress_hub"}
HEAVY = {
    "socket",
    "socketio",
    "engineio",
    "flask",
    "flask_socketio",
    "eventlet",
    "rich",
    "sqlalchemy",
    "alembic",
    "psutil",
}
FOR_FEW = {"cryptography", "progress_run.sealed"}
"""What some runs alone need."""


def modules_of(package: str) -> dict[str, Path]:
    """The files of a package by their dotted names; those of Alembic's migrations are programs, not modules."""
    folder = PACKAGES[package]
    files = [file for file in folder.rglob("*.py") if "migrations" not in file.parts]
    return {dotted(file, folder.parent): file for file in files}


def dotted(file: Path, base: Path) -> str:
    parts = file.relative_to(base).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name: file for package in PACKAGES for name, file in modules_of(package).items()}


def imports_of(module: str) -> set[str]:
    """What a module imports, wherever in it: `a.b` for `import a.b`, and for `from a import b` if that is a module."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(MODULES[module].read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            source = absolute(node, module)
            named = {f"{source}.{alias.name}" for alias in node.names}
            found |= {name if name in MODULES else source for name in named}
    return found


def absolute(node: ast.ImportFrom, module: str) -> str:
    """The source of a `from` import, its leading dots resolved."""
    if not node.level:
        return node.module or ""
    package = module.split(".") if MODULES[module].name == "__init__.py" else module.split(".")[:-1]
    return ".".join([*package[: len(package) - node.level + 1], *filter(None, [node.module])])


def outside(module: str, allowed: set[str]) -> set[str]:
    """The imports of a module from our two packages that are not among the allowed."""
    return {name for name in imports_of(module) if name.split(".")[0] in PACKAGES} - allowed


def test_the_runner_never_imports_the_hub() -> None:
    found = {module: imports_of(module) & set(modules_of("progress_hub")) for module in modules_of("progress_run")}
    assert {module: names for module, names in found.items() if names} == {}


def test_recorder_and_sender_know_each_other_by_the_run_directory_alone() -> None:
    """main → commands → {recorder, sender} → the rest, which knows nothing of those above it."""
    above = {"commands": set[str](), "recorder": {"commands", "sender"}, "sender": {"commands", "recorder"}}
    entrances = {"progress_run.main", "progress_run.__main__"}
    for module in set(modules_of("progress_run")) - entrances:
        part = module.split(".")[1] if "." in module else ""
        forbidden = above.get(part, {"commands", "recorder", "sender"})
        assert not {
            name for name in imports_of(module) if name.startswith("progress_run.") and name.split(".")[1] in forbidden
        }


def test_the_hub_imports_nothing_of_the_runner_but_what_both_speak() -> None:
    spoken = {f"progress_run.{name}" for name in ("protocol", "shown", "failpoint", "allowance", "shared_tls")}
    allowed = {*modules_of("progress_hub"), "progress_run", *spoken}
    found = {module: outside(module, allowed) for module in modules_of("progress_hub")}
    assert {module: names for module, names in found.items() if names} == {}


@pytest.mark.parametrize("module", ["progress_run.protocol", "progress_run.failpoint", "progress_run.shared_tls"])
def test_what_both_speak_imports_the_standard_library_alone(module: str) -> None:
    assert {name.split(".")[0] for name in imports_of(module)} <= set(sys.stdlib_module_names)


def test_no_import_cycles() -> None:
    graph = {module: (imports_of(module) & set(MODULES)) - {module} for module in MODULES}
    TopologicalSorter(graph).prepare()


def test_one_file_names_eventlet() -> None:
    naming = [str(file) for file in MODULES.values() if "import eventlet" in file.read_text()]
    assert len(naming) == 1, naming


@pytest.mark.parametrize("module", ["progress_run", "progress_run.main", "progress_run.commands.run"])
def test_nothing_heavy_stands_before_the_job(module: str) -> None:
    program = f"import sys, {module}; print(*sys.modules)"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(str(path.parent) for path in PACKAGES.values())}
    loaded = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True)
    assert loaded.returncode == 0, loaded.stderr
    assert (HEAVY | FOR_FEW).isdisjoint(loaded.stdout.split())
