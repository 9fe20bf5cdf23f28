"""Recordings and lines through a recogniser, and what it says of them in the end."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from progress_run.recognise import Recogniser

Report = dict[str, Any]

ROOT = Path(__file__).parents[2]
OURS = Path(__file__).parent / "recordings"
FOLDERS = (OURS, Path(os.environ.get("RECORDINGS", ROOT.parent / "shared" / "recordings")))


def recordings() -> list[Path]:
    """Ours, and those beside the repository if there are any."""
    return [path for folder in FOLDERS if folder.is_dir() for path in sorted(folder.glob("*.cast"))]


def truth_of(path: Path) -> list[Report] | None:
    """What its reader would say it contains; None if there is nothing to judge."""
    place = next(
        folder / "truth.json" for folder in (path.parent, path.parents[1]) if (folder / "truth.json").is_file()
    )
    truth: list[Report] | None = json.loads(place.read_text()).get(path.stem)
    return truth


def header_and_output(path: Path) -> tuple[Report, bytes]:
    """An asciicast v2: its header, and all its output."""
    with path.open() as lines:
        header = json.loads(lines.readline())
        return header, "".join(json.loads(line)[2] for line in lines if line.strip()).encode()


def reports(output: bytes | str, piece: int = 0, cols: int = 100, rows: int = 30) -> list[Report]:
    """All reports of some output, asked for after each `piece` bytes and at the end."""
    data = output.encode() if isinstance(output, str) else output
    recogniser = Recogniser(cols, rows)
    said: list[Report] = []
    for start in range(0, len(data), piece or max(len(data), 1)):
        recogniser.feed(data[start : start + (piece or len(data))])
        said += recogniser.reports()
    recogniser.end()
    return said + recogniser.reports()


def merged(said: Iterable[Report]) -> list[Report]:
    """The tasks of these reports as they are in the end, without the offset."""
    tasks: dict[str, Report] = {}
    for report in said:
        if report["kind"] == "task":
            tasks.setdefault(report["id"], {}).update(report)
    return [{name: value for name, value in task.items() if name != "at"} for task in tasks.values()]


def tasks(output: bytes | str, piece: int = 0) -> list[Report]:
    """The tasks of some output as they are in the end."""
    return merged(reports(output, piece))


def closed(task: Report, exit_code: int) -> Report:
    """As the recorder leaves a task when the run is over, by its exit status alone."""
    if task["state"] in ("done", "failed"):
        return task
    if exit_code:
        return task | {"state": "failed"}
    reached = task["percent"] is None or task["percent"] >= 100
    return task | {"state": "done" if reached else "paused"}
