"""Writes random bytes in pieces of random size with random pauses. Arguments: a FIFO to wait at, seed, megabytes."""

import os
import random
import sys
import termios
import time
import tty

open(sys.argv[1]).close()
chance = random.Random(int(sys.argv[2]))
data = memoryview(chance.randbytes(int(sys.argv[3]) * 1_000_000))
if os.isatty(1):
    tty.setraw(1, termios.TCSANOW)
while data:
    data = data[os.write(1, data[: chance.randint(1, 300_000)]) :]
    time.sleep(chance.uniform(0, 0.02))
