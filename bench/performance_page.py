"""docs/performance.md: the figures that were last kept of each script."""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from types import ModuleType
from typing import Any

import psutil
from bench.harness import Figures, Row, Scale, compared
from bench.peers import CACHE

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
KEPT = CACHE / "figures"
HEAD = """# Performance

Written by `make bench`; CI runs the same scripts at a small scale, without thresholds. Each figure is the median, with
least and most, and stands beside what peers or the machine itself needed for the same in the same rounds, one after the
other. A ratio tells more than a figure: it is ours divided by theirs.
"""


def keep(name: str, rows: list[Row], scale: Scale) -> None:
    """Remember what a script measured here and now."""
    KEPT.mkdir(parents=True, exist_ok=True)
    answers = {"machine": machine(), "date": time.strftime("%Y-%m-%d"), "rounds": scale.rounds}
    (KEPT / f"{name}.json").write_text(json.dumps({**answers, "rows": [asdict(row) for row in rows]}))


def machine() -> str:
    """Processors, memory, kernel and Python."""
    memory = psutil.virtual_memory().total / 2**30
    processor = next((line.split(":")[1].strip() for line in _lines("/proc/cpuinfo") if "model name" in line), "")
    cores = f"{os.cpu_count()} × {processor or platform.machine()}"
    return f"{cores}, {memory:.0f} GiB, {platform.system()} {platform.release()}, Python {platform.python_version()}"


def write(scripts: Mapping[str, ModuleType]) -> None:
    """The page anew, from all that is kept of these scripts."""
    kept = {name: json.loads(path.read_text()) for name in scripts if (path := KEPT / f"{name}.json").exists()}
    sections = [section(name, scripts[name], answers) for name, answers in kept.items()]
    PAGE.write_text("\n".join([HEAD, *sections]))


def section(name: str, script: ModuleType, answers: dict[str, Any]) -> str:
    """One script's table, and a paragraph for each bar that is not reached."""
    title = (script.__doc__ or name).splitlines()[0].rstrip(".")
    about = f"`python -m bench.{name}`, {answers['rounds']} rounds on {answers['date']}; {answers['machine']}."
    rows = [_row(each) for each in answers["rows"]]
    head = "| what | ours | beside | bar | |\n|---|---|---|---|---|"
    table = "\n".join([head, *map(table_row, rows)])
    limits = [f"**{row.what}**: not reached. {row.limit}\n" for row in rows if row.met is False]
    return "\n".join([f"## {title}\n\n{about}\n\n{table}\n", *limits])


def table_row(row: Row) -> str:
    """A line of the table."""
    beside = "<br>".join(f"{compared(row.ours, each)} {name}: {each}".strip() for name, each in row.beside.items())
    verdict = {True: "reached", False: "**not reached**", None: ""}[row.met]
    what = row.what.replace("|", r"\|")
    return f"| {what} | {row.ours} | {beside} | {row.bar} | {verdict} |"


def _row(told: dict[str, Any]) -> Row:
    beside = {name: Figures(**figures) for name, figures in told["beside"].items()}
    return Row(**{**told, "ours": Figures(**told["ours"]), "beside": beside})


def _lines(path: str) -> list[str]:
    file = Path(path)
    return file.read_text().splitlines() if file.exists() else []
