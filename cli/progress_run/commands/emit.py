"""`progress emit`: a shell script says how far it is, where `progress run` has started it."""

from __future__ import annotations

import contextlib
import math
import os
import sys
from collections.abc import Iterator
from typing import Any

import click

from progress_run.errors import UNAVAILABLE
from progress_run.report import channel

PATIENCE = 0.5
"""Seconds that room in the recorder's queue is waited for."""

LEVELS = ("info", "warning", "error")
STATES = ("running", "done", "failed", "paused", "indeterminate")


def number(text: str) -> float:
    """A finite number, whole if it is written so."""
    with contextlib.suppress(ValueError):
        return int(text)
    with contextlib.suppress(ValueError):
        if math.isfinite(float(text)):
            return float(text)
    raise click.BadParameter(f"{text!r} is not a number.")


def _metrics(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, float]:
    """Metrics written as NAME=VALUE."""
    pairs = [value.partition("=") for value in values]
    for value, (name, equals, _) in zip(values, pairs, strict=True):
        if not name or not equals:
            raise click.BadParameter(f"{value!r} is not a metric. Write it as NAME=VALUE.")
    return {name: number(value) for name, _, value in pairs}


@click.command()
@click.option("--task", metavar="NAME", help="What is done; the same name again is the same task.")
@click.option("--label", help="What to call it on the page, if not by its name.")
@click.option("--current", type=number, help="How much of it is done.")
@click.option("--total", type=number, help="How much there is to do.")
@click.option("--percent", type=click.FloatRange(0, 100), help="How much is done, where nothing can be counted.")
@click.option("--unit", help="What is counted.")
@click.option("--state", type=click.Choice(STATES), help="How it stands.  [default: running]")
@click.option("--metric", "metrics", metavar="NAME=VALUE", callback=_metrics, multiple=True, help="May be repeated.")
@click.option("--step", type=number, help="What the metrics are drawn over, if not time.")
@click.option("--note", metavar="TEXT", help="A remark at this point of the output.")
@click.option("--level", type=click.Choice(LEVELS), default="info", show_default=True, help="How grave it is.")
@click.option("--group", metavar="NAME", help="What is printed from here on can be folded …")
@click.option("--end-group", metavar="NAME", help="… to here.")
@click.option("--strict", is_flag=True, help="Fail where nobody listens, instead of doing nothing.")
def command(strict: bool, **said: Any) -> None:
    """Say how far a script is: a task, metrics, a note, a group.

    \b
    progress emit --task build --current 3 --total 10
    progress emit --metric loss=0.31 --metric acc=0.9 --step 40
    progress emit --note "retrying" --level warning

    It does nothing outside `progress run`, so scripts may call it anywhere.
    """
    reports = list(_reports(**said))
    if not reports:
        raise click.UsageError("Say what to report: --task, --metric, --note, --group or --end-group.")
    if not _sent(reports) and strict:
        click.echo("progress: nobody listens here. Start the script by `progress run`.", err=True)
        sys.exit(UNAVAILABLE)


def _reports(
    *,
    task: str | None,
    metrics: dict[str, float],
    step: float | None,
    note: str | None,
    level: str,
    group: str | None,
    end_group: str | None,
    **fields: Any,
) -> Iterator[dict[str, Any]]:
    """What the command line says, in the order in which it is meant."""
    given = {name: value for name, value in fields.items() if value is not None}
    if given and task is None:
        raise click.UsageError(f"--{next(iter(given))} is about a task: say which by --task.")
    if group is not None:
        yield {"kind": "group", "name": group, "open": True}
    if task is not None:
        yield {"kind": "task", "id": task, "label": task, "source": "job", **given}
    for name, value in metrics.items():
        yield {"kind": "metric", "name": name, "value": value, "step": step, "source": "job"}
    if note is not None:
        yield {"kind": "note", "level": level, "text": note}
    if end_group is not None:
        yield {"kind": "group", "name": end_group, "open": False}


def _sent(reports: list[dict[str, Any]]) -> bool:
    """Whether somebody took them all."""
    way = channel.open_channel(os.environ)
    if way is None:
        return False
    try:
        taken = all(_sent_by(way, channel.encode(report)) for report in reports)
        return _flushed(way) and taken
    except channel.Gone:
        return False
    except ValueError as error:
        raise click.UsageError("That is more than one report may carry.") from error
    finally:
        way.close()


def _flushed(way: channel.Channel) -> bool:
    while not way.flush():
        if not way.wait_for_room(PATIENCE):
            return False
    return True


def _sent_by(way: channel.Channel, data: bytes) -> bool:
    return way.send(data) or (way.wait_for_room(PATIENCE) and way.send(data))
