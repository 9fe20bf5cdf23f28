"""Writes what an asciicast recorded, byte by byte the same. Arguments: a FIFO to wait at, the recording."""

import json
import os
import sys
import termios

open(sys.argv[1]).close()
with open(sys.argv[2]) as recording:
    texts = [text for _seconds, kind, text in map(json.loads, list(recording)[1:]) if kind == "o"]
settings = termios.tcgetattr(1)
settings[1] &= ~termios.OPOST  # what was recorded has been through a terminal once
termios.tcsetattr(1, termios.TCSANOW, settings)
for text in texts:
    data = text.encode()
    while data:
        data = data[os.write(1, data) :]
