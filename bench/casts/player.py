"""Write what a recording has, as fast as the terminal takes it, and end as the recorded program did."""

import json
import os
import signal
import sys
import termios
import tty

lines = open(sys.argv[1], encoding="utf-8")  # noqa: SIM115 -- this process is about to end
header = json.loads(next(lines))
if os.isatty(1):
    settings = termios.tcgetattr(1)
    settings[tty.OFLAG] &= ~termios.OPOST  # the terminal that was recorded has already made \r\n of \n
    termios.tcsetattr(1, termios.TCSANOW, settings)
for line in lines:
    sys.stdout.buffer.write(json.loads(line)[2].encode())
    sys.stdout.flush()
if header.get("exit", 0) < 0:
    os.kill(os.getpid(), signal.Signals(-header["exit"]))
sys.exit(header.get("exit", 0))
