"""Bars of smaller libraries: python with_others.py NAME."""

import sys
import time


def alive_unknown() -> None:
    from alive_progress import alive_bar

    with alive_bar(title="Draining queue") as bar:
        for _ in range(80):
            time.sleep(0.01)
            bar()


def alive_themes() -> None:
    from alive_progress import alive_bar

    for theme in ("classic", "scuba"):
        with alive_bar(60, title=f"Theme {theme}", theme=theme) as bar:
            for _ in range(60):
                time.sleep(0.01)
                bar()


def alive_short() -> None:
    from alive_progress import alive_bar

    with alive_bar(100, title="Sorting") as bar:
        for _ in range(70):
            time.sleep(0.01)
            bar()
        raise SystemExit(1)


def progressbar2() -> None:
    import progressbar

    for _ in progressbar.progressbar(range(80), prefix="Hashing: "):
        time.sleep(0.012)


def progressbar2_default() -> None:
    import progressbar

    for _ in progressbar.progressbar(range(80)):
        time.sleep(0.012)


def progressbar2_bytes() -> None:
    import progressbar

    with progressbar.DataTransferBar(max_value=20_000_000) as bar:
        for n in range(50):
            time.sleep(0.02)
            bar.update(400_000 * (n + 1))


def progressbar2_unknown() -> None:
    import progressbar

    with progressbar.ProgressBar(max_value=progressbar.UnknownLength, prefix="Reading ") as bar:
        for n in range(80):
            time.sleep(0.012)
            bar.update(n)


def click_bars() -> None:
    import click

    with click.progressbar(range(50), label="Modifying accounts", show_pos=True, item_show_func=str) as bar:
        for _ in bar:
            time.sleep(0.015)
    with click.progressbar(length=40, label="Unpacking", fill_char="█", empty_char="░", show_eta=False) as bar:
        for _ in range(40):
            time.sleep(0.015)
            bar.update(1)


def click_unlabelled() -> None:
    import click

    with click.progressbar(range(60)) as bar:
        for _ in bar:
            time.sleep(0.012)


def verigak() -> None:
    from progress.bar import Bar, ChargingBar, IncrementalBar, ShadyBar

    for kind in (Bar, ChargingBar, IncrementalBar, ShadyBar):
        with kind(f"{kind.__name__} work", max=30) as bar:
            for _ in range(30):
                time.sleep(0.008)
                bar.next()


def verigak_percent() -> None:
    from progress.bar import Bar

    with Bar("Loading", fill="#", suffix="%(percent).1f%% - %(eta)ds", max=50) as bar:
        for _ in range(50):
            time.sleep(0.012)
            bar.next()


def enlighten() -> None:
    import enlighten as library

    manager = library.get_manager()
    systems = manager.counter(total=4, desc="Systems", unit="systems")
    for system in range(4):
        files = manager.counter(total=25, desc=f"Files {system}", unit="files", leave=False)
        for n in range(25):
            time.sleep(0.015)
            files.update()
            if n == 12:
                print(f"system {system}: 3/7 disks healthy")
        files.close()
        systems.update()
    manager.stop()


def dask() -> None:
    from dask import compute, delayed
    from dask.diagnostics import ProgressBar

    with ProgressBar(dt=0.05):
        compute([delayed(time.sleep)(0.03 + n / 1e6) for n in range(60)], scheduler="threads", num_workers=2)


def joblib() -> None:
    from joblib import Parallel, delayed

    Parallel(n_jobs=2, verbose=10, backend="threading")(delayed(time.sleep)(0.02) for _ in range(60))


def spinners() -> None:
    from halo import Halo

    with Halo(text="Connecting to 3 of many peers", spinner="dots"):
        time.sleep(1)


globals()[sys.argv[1]]()
