"""Prints numbered lines at an even pace. Arguments: a FIFO to wait at, how many lines, in how many seconds."""

import sys
import time

open(sys.argv[1]).close()
lines, seconds = int(sys.argv[2]), float(sys.argv[3])
for number in range(1, lines + 1):
    print(f"line {number}")
    time.sleep(seconds / lines)
