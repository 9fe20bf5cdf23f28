"""`progress run`: its options, and what they come to."""

from __future__ import annotations

import contextlib
import os
import re
import sys
from typing import NoReturn

import click
from click.core import ParameterSource

from progress_run.commands.hub_option import hub_url
from progress_run.commands.one_run import Options, run
from progress_run.protocol import Policy
from progress_run.recorder.recording import Redaction
from progress_run.recorder.taskbar import is_shown

DRAIN = 2.0


def _tags(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    """Tags written as KEY=VALUE."""
    pairs = [value.partition("=") for value in values]
    for value, (key, equals, _) in zip(values, pairs, strict=True):
        if not key or not equals:
            raise click.BadParameter(f"{value!r} is not a tag. Write it as KEY=VALUE.")
    return {key: text for key, _, text in pairs}


def _patterns(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """Regular expressions; in the environment with spaces between them."""
    for value in values:
        try:
            re.compile(os.fsencode(value))
        except (re.error, ValueError, OverflowError) as error:
            what = f"{value!r} is not a regular expression: {error}."
            raise click.BadParameter(f"{what} A backslash before a character takes it as it is.") from error
    return values


@click.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.option("--name", envvar="PROGRESS_NAME", help="What to call the run.  [default: the script's name]")
@click.option(
    "--hub",
    metavar="URL",
    callback=hub_url,
    envvar="PROGRESS_HUB",
    help="The hub to publish to.  [default: one of your own]",
)
@click.option(
    "--key",
    envvar="PROGRESS_KEY",
    help="The hub's publish key; better from `progress login`, PROGRESS_KEY or PROGRESS_KEY_FILE: `ps` shows it.",
)
@click.option(
    "--tag",
    "tags",
    metavar="K=V",
    callback=_tags,
    multiple=True,
    envvar="PROGRESS_TAGS",
    help="Mark the run; may be repeated.",
)
@click.option(
    "--pty/--no-pty", default=None, envvar="PROGRESS_PTY", help="Give the job a terminal.  [default: if stdout is one]"
)
@click.option(
    "--e2e",
    is_flag=True,
    envvar="PROGRESS_E2E",
    help="End-to-end encrypted: only who has the link can read the run, the hub can't.",
)
@click.option("--quiet", is_flag=True, envvar="PROGRESS_QUIET", help="Say nothing of our own.")
@click.option("--open", "open_page", is_flag=True, envvar="PROGRESS_OPEN", help="Open the page in your browser.")
@click.option(
    "--drain",
    type=click.FloatRange(min=0),
    default=DRAIN,
    show_default=True,
    envvar="PROGRESS_DRAIN",
    metavar="SECONDS",
    help="How long to wait, after the job's end, for the hub to have everything.",
)
@click.option(
    "--terminal-progress/--no-terminal-progress",
    default=None,
    envvar="PROGRESS_TERMINAL_PROGRESS",
    help="Show progress in your terminal's tab or task bar.  [default: if it is known to show it]",
)
@click.option(
    "--echo",
    type=click.Choice(["plain", "rich"]),
    default="plain",
    show_default=True,
    envvar="PROGRESS_ECHO",
    help="The job's output at your terminal: as it is, or with live bars of its progress below it.",
)
@click.option(
    "--private", is_flag=True, envvar="PROGRESS_PRIVATE", help="Show it to those alone who have a hub key too."
)
@click.option(
    "--control/--no-control",
    default=None,
    envvar="PROGRESS_CONTROL",
    help="Let owners of the link pause the job, signal it and type into it; or not even stop it.  [default: stop it]",
)
@click.option(
    "--redact",
    metavar="PATTERN",
    callback=_patterns,
    multiple=True,
    envvar="PROGRESS_REDACT",
    help="Mask what matches this regular expression before it is recorded; may be repeated.",
)
@click.option(
    "--redact-env",
    metavar="NAME",
    multiple=True,
    envvar="PROGRESS_REDACT_ENV",
    help="Mask the value of this variable, too; may be repeated.",
)
@click.option(
    "--no-redact",
    is_flag=True,
    envvar="PROGRESS_NO_REDACT",
    help="Record tokens and passwords as they are.  [default: what is known to look like one is masked]",
)
@click.argument("script", metavar="SCRIPT")
@click.argument("args", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def command(
    context: click.Context,
    name: str | None,
    hub: str | None,
    key: str | None,
    tags: dict[str, str],
    pty: bool | None,
    e2e: bool,
    quiet: bool,
    open_page: bool,
    drain: float,
    terminal_progress: bool | None,
    echo: str,
    private: bool,
    control: bool | None,
    redact: tuple[str, ...],
    redact_env: tuple[str, ...],
    no_redact: bool,
    script: str,
    args: tuple[str, ...],
) -> NoReturn:
    """Run SCRIPT as before, and let anyone with the printed link watch it live.

    SCRIPT is a file or a command; options after it belong to the job.
    """
    wish = context.get_parameter_source("drain") != ParameterSource.DEFAULT
    has_pty = os.isatty(1) if pty is None else pty
    shows = is_shown(os.environ) and not quiet if terminal_progress is None else terminal_progress
    policy: Policy = "stop" if control is None else "all" if control else "none"
    if no_redact and (redact or redact_env):
        raise click.UsageError("--no-redact masks nothing, and --redact asks for it. Leave out one of them.")
    redaction = Redaction(redact, redact_env, nothing=no_redact)
    bars = echo == "rich"
    options = Options(
        name, hub, key, tags, has_pty, quiet, open_page, drain, wish, shows, bars, private, policy, redaction, e2e
    )
    _leave(run(options, script, args))


def _leave(code: int) -> NoReturn:
    """End without taking the interpreter apart, which takes longer than many a job."""
    with contextlib.suppress(OSError, ValueError):  # what we had to say can't be said any more
        sys.stderr.flush()
    os._exit(code)
