"""`python -m tests.faults`: runs the fault bench and prints its table; 1 if anything in it isn't as it should be."""

from __future__ import annotations

import random
import sys
import time
import traceback

import click
from tests.faults.checker import Verdict
from tests.faults.scenarios import SCENARIOS, Result
from tests.faults.stage import ENCRYPTED

MAIN = "hub_killed"
SHARE = 10
COLUMNS = ("scenario", "seed", "bytes", "kills", "lost", "dup", "reord", "foreign", "undurable", "equal", "seconds", "")


@click.command()
@click.option("--seed", type=int, default=None, help="Repeats a run of the bench.  [default: another each time]")
@click.option("--minutes", type=float, default=10.0, show_default=True, help=f"For {MAIN}; others get a {SHARE}th.")
@click.option("--only", type=click.Choice(list(SCENARIOS)), multiple=True, help="This one alone, for all the minutes.")
@click.option("--amount", type=int, default=0, help="Bytes of output, or number of seeds.  [default: by the minutes]")
@click.option("--e2e", is_flag=True, help="The runs are end-to-end encrypted.")
def main(seed: int | None, minutes: float, only: tuple[str, ...], amount: int, e2e: bool) -> None:
    """Make trouble, and see what became of the bytes."""
    seed = random.randrange(1_000_000) if seed is None else seed
    rows = []
    for name in only or SCENARIOS:
        seconds = 60 * minutes if only or name == MAIN else 60 * minutes / SHARE
        started = time.monotonic()
        result = play(name, seed, seconds, amount, e2e=e2e)
        rows.append((result, time.monotonic() - started))
        click.echo(f"{result.scenario}: {command(name, result.seed, minutes, amount, e2e=e2e)}", err=True)
    click.echo(table(rows))
    sys.exit(any(not result.verdict.flawless for result, _ in rows))


def play(name: str, seed: int, seconds: float, amount: int, *, e2e: bool = False) -> Result:
    """One scenario; one that doesn't come to its end is a row as well."""
    ENCRYPTED.set(e2e)
    try:
        return SCENARIOS[name](seed, seconds, amount)
    except Exception as error:  # noqa: BLE001 - whatever it is, the other scenarios are still wanted
        traceback.print_exc()
        return Result(name, seed, 0, 0, Verdict(equal=False), f"{type(error).__name__}: {error}".split("\n")[0])


def command(name: str, seed: int, minutes: float, amount: int = 0, *, e2e: bool = False) -> str:
    """What repeats a scenario."""
    amounts = f" --amount {amount}" if amount else ""
    return f"python -m tests.faults --only {name} --seed {seed} --minutes {minutes:g}{amounts}{' --e2e' if e2e else ''}"


def table(rows: list[tuple[Result, float]]) -> str:
    """Plain text, aligned."""
    cells = [COLUMNS, *(_cells(result, seconds) for result, seconds in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join("  ".join(_aligned(row, widths)).rstrip() for row in cells)


def _cells(result: Result, seconds: float) -> tuple[str, ...]:
    verdict = result.verdict
    counts = (verdict.lost, verdict.duplicated, verdict.reordered, verdict.foreign, verdict.undurable)
    numbers = (result.seed, f"{result.size:,}", result.kills, *counts)
    return (result.scenario, *map(str, numbers), "yes" if verdict.equal else "NO", f"{seconds:.0f}", result.note)


def _aligned(row: tuple[str, ...], widths: list[int]) -> list[str]:
    texts = (0, len(row) - 1)
    padded = zip(row, widths, strict=True)
    return [cell.ljust(width) if n in texts else cell.rjust(width) for n, (cell, width) in enumerate(padded)]


if __name__ == "__main__":
    main()
