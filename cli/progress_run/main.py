"""The `progress` command: finds the subcommand, reads the configuration, and turns surprises into one sentence."""

from __future__ import annotations

import gc
import importlib
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import click

from progress_run import __version__, home
from progress_run.errors import CONFIG, INTERNAL, Failure

COMMANDS = {
    "run": "Run a job as before, and let anyone with the link watch it live.",
    "emit": "Say how far a script is: a task, metrics, a note.",
    "sync": "Deliver what never arrived.",
    "link": "Give out links to a run, see who watches, and take them back.",
    "login": "Remember the key of a hub.",
    "hub": "Start, stop and look after a hub.",
}
"""Subcommands in the order of the help, each a module of progress_run.commands imported when it is used."""


class Commands(click.Group):
    """A group that imports a subcommand only when it is called for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All subcommands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"progress_run.commands.{cmd_name}").command
        gc.freeze()
        gc.enable()
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List them without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="progress")
@click.pass_context
def progress(context: click.Context) -> None:
    """Run a job, watch it live.

    Settings: flag > PROGRESS_* environment > config.toml > default.
    """
    config = read_config(home.config_file())
    context.default_map = dict.fromkeys(COMMANDS, config)


def read_config(path: Path) -> dict[str, Any]:
    """The user's settings, {} without a file.

    Raises:
        Failure: it is not TOML.
    """
    try:
        text = path.read_text()
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return {}  # none, or another user's, as after `su`
    except (OSError, UnicodeDecodeError) as error:
        raise Failure(f"{path} can't be read: {error}.", "Mend or remove it.", CONFIG) from error
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib  # the same module before it was in the standard library
    try:
        config: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Failure(f"{path} can't be read: {error}.", "Mend or remove it.", CONFIG) from error
    return config


def main() -> None:
    """Run the command; the entry point of the console scripts."""
    _open_standard_descriptors()
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C before the job has started ends us without a traceback
    try:
        progress()
    except Exception as error:  # noqa: BLE001 -- the user gets a sentence, the log the traceback
        log = _log_traceback()
        told = f" The traceback is in {log}." if log else ""
        click.echo(f"progress: a fault of ours: {type(error).__name__}: {error}.{told}", err=True)
        sys.exit(INTERNAL)


def _open_standard_descriptors() -> None:
    """Descriptors 0 to 2 that were closed would be reused for our own files; /dev/null takes their places."""
    while True:
        fd = os.open(os.devnull, os.O_RDWR)
        if fd > 2:
            os.close(fd)
            return
        os.set_inheritable(fd, True)


def _log_traceback() -> Path | None:
    import traceback

    path = home.home() / "progress.log"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "a") as log:
            # What comes after the subcommand may be anything, a key too.
            command = " ".join(sys.argv[:2])
            log.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {command}\n{traceback.format_exc()}\n")
    except OSError:
        return None
    return path
