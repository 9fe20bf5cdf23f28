"""How failures reach the user: a sentence on what is wrong, one on what to do, a fitting exit code."""

from __future__ import annotations

from typing import IO, Any

import click

# Exit codes of our own failures, as in sysexits.h and the shell; a job that ran keeps its own code.
DATA = 65
UNAVAILABLE = 69
INTERNAL = 70
CANNOT_CREATE = 73
IO_ERROR = 74
TEMPORARY = 75
CONFIG = 78
NOT_EXECUTABLE = 126
NOT_FOUND = 127


class Failure(click.ClickException):
    """Ends the command with `exit_code`, after saying `what` is wrong and what to `do` about it."""

    def __init__(self, what: str, do: str, exit_code: int) -> None:
        super().__init__(f"{what} {do}".strip())
        self.exit_code = exit_code  # type: ignore[misc]  # click declares a default for the class

    def show(self, file: IO[Any] | None = None) -> None:
        """Say it on stderr, in one line."""
        click.echo(f"progress: {self.message}", err=True, file=file)
