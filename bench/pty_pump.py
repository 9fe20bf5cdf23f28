"""A bare PTY pump, the least that a Python program needs to pass on what a job writes to a terminal: no recording, no
signals, no care for the job. Line ends are made here, as the kernel is several times slower at it.

    python bench/pty_pump.py COMMAND...
"""

import os
import pty
import sys
import termios
import tty


def pump(command: list[str]) -> None:
    """From the job's PTY to stdout, until the job's end."""
    child, master = pty.fork()
    if child == 0:
        os.execvp(command[0], command)
    settings = termios.tcgetattr(master)
    settings[1] &= ~termios.ONLCR
    termios.tcsetattr(master, termios.TCSANOW, settings)
    try:
        while data := os.read(master, 128 * 1024):
            data = data.replace(b"\n", b"\r\n")
            while data:
                data = data[os.write(1, data) :]
    except OSError:
        pass  # EIO is how a PTY says that nobody holds its other side any more


if __name__ == "__main__":
    before = termios.tcgetattr(1) if os.isatty(1) else None
    if before:
        tty.setraw(1)
    pump(sys.argv[1:])
    if before:
        termios.tcsetattr(1, termios.TCSANOW, before)
