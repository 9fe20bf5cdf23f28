"""Bars of rich: python with_rich.py NAME."""

import sys
import time

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TransferSpeedColumn,
    track,
)


def tracked() -> None:
    for _ in track(range(60), description="Scanning files"):
        time.sleep(0.02)


def download() -> None:
    columns = TextColumn("[blue]{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn()
    with Progress(*columns) as progress:
        task = progress.add_task("weights.bin", total=40_000_000)
        for _ in range(50):
            time.sleep(0.02)
            progress.advance(task, 800_000)


def counted() -> None:
    columns = SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns) as progress:
        first, second = progress.add_task("Parse", total=50), progress.add_task("Link", total=30)
        for n in range(50):
            time.sleep(0.02)
            progress.advance(first)
            if n >= 20:
                progress.advance(second)
            if n % 20 == 10:
                progress.console.print(f"module {n}: 4/5 symbols found")


def unknown_then_known() -> None:
    with Progress() as progress:
        task = progress.add_task("Listing", total=None)
        time.sleep(0.4)
        progress.update(task, total=25, description="Copying")
        for _ in range(25):
            time.sleep(0.02)
            progress.advance(task)


def failed() -> None:
    with Progress(console=Console()) as progress:
        task = progress.add_task("Uploading", total=100)
        for _ in range(45):
            time.sleep(0.01)
            progress.advance(task)
        progress.stop()
        sys.exit("connection lost")


def transient() -> None:
    with Progress(transient=True) as progress:
        for _ in progress.track(range(40), description="Cleaning up"):
            time.sleep(0.02)
    print("all clean")


globals()[sys.argv[1]]()
