"""How well progress is recognised: recordings of real programs through a real `progress run`, against the truth.

    python -m bench.recognise [FOLDER | NAME...]

Replays tests/recognise/recordings/, and those of $RECORDINGS (by default ../shared/recordings beside the repository, if
it is there) or of the FOLDER, each at a terminal of its size, as fast as it takes; then compares the tasks in
/r/<token>/info with truth.json. Fails unless every task was found, with its numbers and its last state, and no other.

A truth has some of `label` (contained in the task's), `current`, `total` (as they are), `percent` (±1), `state`,
`count` (that many such tasks) and `optional` (any number of them may be found).
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.hub import Hub, wait_until
from tests.support.runner import Home

ROOT = Path(__file__).parents[1]
OURS = ROOT / "tests" / "recognise" / "recordings"
PLAYER = Path(__file__).parent / "casts" / "player.py"
AT_ONCE = 2
PATIENCE = 120.0

Task = dict[str, Any]


@dataclass
class Verdict:
    """What became of one recording."""

    name: str
    wanted: list[Task]
    missed: list[Task]
    wrong_state: list[tuple[Task, Task]]
    false: list[Task]

    @property
    def is_good(self) -> bool:
        return not (self.missed or self.wrong_state or self.false)


def main() -> None:
    """Replay, print the table, and fail if anything is wrong."""
    recordings = [(cast, truth) for cast, truth in chosen(sys.argv[1:]) if truth is not None]
    with Hub() as hub, ThreadPoolExecutor(AT_ONCE) as pool:
        verdicts = list(pool.map(lambda each: judged(hub, *each), recordings))
    for verdict in verdicts:
        print(row(verdict))
    wanted, missed = (sum(map(len, lists)) for lists in zip(*((v.wanted, v.missed) for v in verdicts), strict=True))
    wrong, false = sum(len(v.wrong_state) for v in verdicts), sum(len(v.false) for v in verdicts)
    print(f"\n{len(verdicts)} recordings, {wanted} tasks: recall {(wanted - missed) / max(wanted, 1):.3f}, ", end="")
    print(f"{false} false tasks, {wrong} wrong last states")
    sys.exit(not all(verdict.is_good for verdict in verdicts))


def chosen(arguments: list[str]) -> Iterator[tuple[Path, list[Task] | None]]:
    """Recordings with their truths, by the command line."""
    given = [Path(argument) for argument in arguments if Path(argument).is_dir()]
    folders = given or [OURS, Path(os.environ.get("RECORDINGS", ROOT.parent / "shared" / "recordings"))]
    names = [argument for argument in arguments if not Path(argument).is_dir()]
    for folder in filter(Path.is_dir, folders):
        truth = next(path for path in (folder / "truth.json", folder.parent / "truth.json") if path.is_file())
        truths = json.loads(truth.read_text())
        yield from ((cast, truths.get(cast.stem)) for cast in sorted(folder.glob("*.cast")) if named(cast, names))


def named(cast: Path, names: list[str]) -> bool:
    """Whether it was asked for."""
    return not names or cast.stem in names


def judged(hub: Hub, cast: Path, truth: list[Task]) -> Verdict:
    """Replay one recording and compare."""
    tasks = replayed(hub, cast)
    wanted = [each for each in truth if not each.get("optional") for _ in range(each.get("count", 1))]
    found = matched(wanted, tasks)
    pairs = [(each, found[index]) for index, each in enumerate(wanted) if index in found]
    left = [task for task in tasks if not any(task is other for other in found.values())]
    return Verdict(
        name=cast.stem,
        wanted=wanted,
        missed=[each for index, each in enumerate(wanted) if index not in found],
        wrong_state=[(each, task) for each, task in pairs if not right_state(each, task)],
        false=[task for task in left if not any(fits(each, task) for each in truth if each.get("optional"))],
    )


def replayed(hub: Hub, cast: Path) -> list[Task]:
    """The tasks of a run that plays a recording, as the hub has them when the run is complete."""
    with cast.open() as lines:
        header = json.loads(lines.readline())
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        home.environ.update(PROGRESS_HUB=hub.url, PROGRESS_KEY=hub.key, PROGRESS_DRAIN="30")
        command = ("--quiet", sys.executable, os.fspath(PLAYER), os.fspath(cast))
        with home.terminal(*command, cols=header["width"], rows=header["height"]) as terminal:
            terminal.finish(PATIENCE)
        token = home.only_run.record["view_token"]
        wait_until(lambda: bool(hub.info(token)["complete"]), f"{cast.stem} has arrived", PATIENCE)
        home.clear_away()
    tasks: Any = hub.info(token)["tasks"]
    return list(tasks)


def matched(wanted: list[Task], tasks: list[Task]) -> dict[int, Task]:
    """As many of `wanted`, by their index, as can be told apart from one another in the tasks (Kuhn's algorithm)."""
    found: dict[int, int] = {}

    def place(index: int, tried: set[int]) -> bool:
        """Whether the wanted one gets a task, that of another if this one can have a different one."""
        candidates = [n for n, task in enumerate(tasks) if n not in tried and fits(wanted[index], task)]
        for n in sorted(candidates, key=lambda n: not right_state(wanted[index], tasks[n])):
            tried.add(n)
            holder = next((other for other, taken in found.items() if taken == n), None)
            if holder is None or place(holder, tried):
                found[index] = n
                return True
        return False

    for index in range(len(wanted)):
        place(index, set())
    return {index: tasks[n] for index, n in found.items()}


def fits(truth: Task, task: Task) -> bool:
    """Whether that is the task, whatever its state."""
    same = all(task.get(name) == truth[name] for name in ("current", "total") if name in truth)
    percent = task.get("percent")
    near = "percent" not in truth or (percent is not None and abs(percent - truth["percent"]) <= 1)
    return same and near and truth["label"] in task["label"]


def right_state(truth: Task, task: Task) -> bool:
    """Whether it ended as it should."""
    return "state" not in truth or bool(task["state"] == truth["state"])


def row(verdict: Verdict) -> str:
    """A line of the table, and what is wrong below it."""
    found = len(verdict.wanted) - len(verdict.missed)
    head = f"{'ok' if verdict.is_good else 'NO':3}{verdict.name:28}{found:3} of {len(verdict.wanted)} found"
    lines = [f"     missed {json.dumps(each, ensure_ascii=False)}" for each in verdict.missed]
    lines += [
        f"     {task['label']!r} ended {task['state']}, not {each['state']}" for each, task in verdict.wrong_state
    ]
    lines += [f"     false {shown(task)}" for task in verdict.false]
    return "\n".join([head, *lines])


def shown(task: Task) -> str:
    """A task in short."""
    return f"{task['label']!r} {task['current']}/{task['total']} {task['percent']} % {task['state']}"


if __name__ == "__main__":
    main()
