"""Prints a line, works for half a second, prints the next. Arguments: a FIFO to wait at, a file for its own times."""

import json
import sys
import time

open(sys.argv[1]).close()
printed = []
for number in range(1, 7):
    print(f"step {number}")
    printed.append(time.monotonic())
    time.sleep(0.5)
with open(sys.argv[2], "w") as file:
    json.dump(printed, file)
