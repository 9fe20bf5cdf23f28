"""Bars of tqdm: python with_tqdm.py NAME."""

import logging
import os
import signal
import sys
import threading
import time

from tqdm import tqdm, trange
from tqdm.contrib.logging import logging_redirect_tqdm


def unknown_total() -> None:
    for _ in tqdm((n for n in range(150)), desc="Reading rows", unit="row"):
        time.sleep(0.008)


def scaled() -> None:
    with tqdm(total=50_000_000, desc="model.safetensors", unit="B", unit_scale=True) as bar:
        for _ in range(100):
            time.sleep(0.01)
            bar.update(500_000)


def binary() -> None:
    with tqdm(total=64 << 20, desc="archive.tar", unit="iB", unit_scale=True, unit_divisor=1024) as bar:
        for _ in range(64):
            time.sleep(0.015)
            bar.update(1 << 20)


def positions() -> None:
    def work(n: int) -> None:
        for _ in tqdm(range(40 + 20 * n), desc=f"Worker {n}", position=n, mininterval=0.05):
            time.sleep(0.015)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def custom() -> None:
    shape = "{desc}: {percentage:.0f}% done ({n_fmt} of {total_fmt}), {remaining} left"
    for _ in tqdm(range(120), desc="Resizing", bar_format=shape):
        time.sleep(0.01)


def plain() -> None:
    for _ in tqdm(range(90), ascii=True):
        time.sleep(0.01)


def written() -> None:
    for n in tqdm(range(100), desc="Crawling", ncols=70):
        time.sleep(0.01)
        if n % 20 == 19:
            tqdm.write(f"page {n}: 200 OK, 3/4 images, 45% cached")


def logged() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    with logging_redirect_tqdm():
        for n in trange(80, desc="Migrating"):
            time.sleep(0.012)
            if n % 25 == 24:
                logging.getLogger("migration").info("batch %d/3 written", n // 25 + 1)


def inner_again() -> None:
    for _ in trange(3, desc="Outer"):
        for _ in trange(50, desc="Inner", leave=False):
            time.sleep(0.006)


def renamed() -> None:
    with tqdm(total=60) as bar:
        for n in range(60):
            bar.set_description(f"Processing part-{n // 20}")
            bar.set_postfix(loss=1 / (n + 1), lr=0.001)
            time.sleep(0.015)
            bar.update()


def killed() -> None:
    for n in tqdm(range(100), desc="Encoding", mininterval=0):
        time.sleep(0.01)
        if n == 40:
            os.kill(os.getpid(), signal.SIGKILL)


def stopped_early() -> None:
    for n in tqdm(range(100), desc="Searching", mininterval=0):
        time.sleep(0.01)
        if n == 30:
            print("\nno such key", file=sys.stderr)
            sys.exit(2)


def lightning() -> None:
    shape = "{l_bar}{bar}| {n_fmt}/{total_fmt} [{elapsed}<{remaining}, {rate_noinv_fmt}{postfix}]"
    for epoch in range(3):
        with tqdm(total=40, desc=f"Epoch {epoch}", bar_format=shape, leave=epoch == 2, dynamic_ncols=True) as bar:
            for n in range(40):
                time.sleep(0.008)
                bar.update()
                bar.set_postfix_str(f"v_num=0, train_loss={2 / (n + 1 + epoch):.3f}")


def trainer() -> None:
    with tqdm(total=90) as bar:
        for n in range(90):
            time.sleep(0.01)
            bar.update()
            if n % 30 == 29:
                bar.write(str({"loss": round(1 / n, 4), "grad_norm": 1.21, "learning_rate": 2e-05, "epoch": n / 30}))


globals()[sys.argv[1]]()
