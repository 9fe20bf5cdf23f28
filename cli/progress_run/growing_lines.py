"""The lines of a file that another process writes: only those that are whole."""

from __future__ import annotations

from pathlib import Path


class GrowingLines:
    """The complete lines of a growing file, one after the other."""

    def __init__(self, path: Path) -> None:
        self._file = open(path, "rb")  # noqa: SIM115 -- held as long as the source is

    def next(self) -> bytes | None:
        """The next line with its end, None while there is none."""
        start = self._file.tell()
        line = self._file.readline()
        if line.endswith(b"\n"):
            return line
        self._file.seek(start)
        return None

    @property
    def fileno(self) -> int:
        """Its descriptor."""
        return self._file.fileno()

    def rewind(self) -> None:
        """Begin again with the first."""
        self._file.seek(0)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()
