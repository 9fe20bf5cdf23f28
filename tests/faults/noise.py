"""Random bytes by seed and offset, for the job that writes them and for the checker that knows what was written.

As a program, it is that job: `python noise.py FIFO SEED BYTES SECONDS` waits for its cue at the FIFO, and writes them
in pieces of random size at an even pace.
"""

from __future__ import annotations

import os
import random
import sys
import time

LARGEST_PIECE = 60_000


def noise(seed: int, size: int) -> bytes:
    """The first `size` bytes of a seed; no stretch of 32 of them occurs twice, which the checker rests on."""
    return random.Random(seed).randbytes(size)


def main() -> None:
    """Write to stdout."""
    cue, seed, size, seconds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
    open(cue).close()
    data, chance, started = memoryview(noise(seed, size)), random.Random(f"pieces {seed}"), time.monotonic()
    written = 0
    while written < size:
        written += os.write(1, data[written : written + chance.randint(1, min(LARGEST_PIECE, 1 + size // 50))])
        time.sleep(max(0.0, started + seconds * written / size - time.monotonic()))


if __name__ == "__main__":
    main()
