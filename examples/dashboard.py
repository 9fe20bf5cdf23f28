"""A believable full-screen program: it draws queues and workers over and over, as top does. It manages nothing.

Usage: progress run examples/dashboard.py [--seconds 30]
"""

from __future__ import annotations

import argparse
import curses
import math
import time

QUEUES = ("ingest", "resize", "transcode", "thumbnails", "mail", "archive")
WORKERS = 8
BAR = 40
FRAME_SECONDS = 0.2


def main() -> None:
    """Draw for as long as asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=30, help="how long it takes (default 30)")
    curses.wrapper(draw, parser.parse_args().seconds)


def draw(screen: curses.window, seconds: float) -> None:
    """Draw every frame until the time is over."""
    curses.use_default_colors()
    for colour in (curses.COLOR_GREEN, curses.COLOR_YELLOW, curses.COLOR_RED, curses.COLOR_CYAN):
        curses.init_pair(colour, colour, -1)
    curses.curs_set(0)
    started = time.monotonic()
    while (passed := time.monotonic() - started) < seconds:
        screen.erase()
        screen.addstr(0, 2, "Queues", curses.A_BOLD)
        for row, name in enumerate(QUEUES):
            draw_queue(screen, 2 + row, name, load(row, passed))
        screen.addstr(4 + len(QUEUES), 2, "Workers", curses.A_BOLD)
        for worker in range(WORKERS):
            draw_worker(screen, 6 + len(QUEUES) + worker, worker, passed)
        screen.refresh()
        time.sleep(FRAME_SECONDS)


def load(row: int, passed: float) -> float:
    """How full a queue is, from 0 to 1."""
    return 0.5 + 0.45 * math.sin(row * 1.7 + passed / (3 + row))


def draw_queue(screen: curses.window, row: int, name: str, full: float) -> None:
    """A queue's name, its bar in the colour of its load, and how many wait."""
    colour = curses.COLOR_GREEN if full < 0.6 else curses.COLOR_YELLOW if full < 0.85 else curses.COLOR_RED
    filled = round(full * BAR)
    screen.addstr(row, 2, f"{name:<12}")
    screen.addstr(row, 15, "█" * filled, curses.color_pair(colour))
    screen.addstr(row, 15 + filled, "░" * (BAR - filled), curses.A_DIM)
    screen.addstr(row, 17 + BAR, f"{full * 1000:5.0f} waiting")


def draw_worker(screen: curses.window, row: int, worker: int, passed: float) -> None:
    """What a worker is at."""
    job = QUEUES[(worker + int(passed / 2)) % len(QUEUES)]
    screen.addstr(row, 2, f"#{worker}", curses.A_DIM)
    screen.addstr(row, 6, f"{job:<12}", curses.color_pair(curses.COLOR_CYAN))
    screen.addstr(row, 20, f"{passed % 2 + worker * 0.1:4.1f} s")


if __name__ == "__main__":
    main()
