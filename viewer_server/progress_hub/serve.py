"""The `serve` command: a hub in the foreground until SIGTERM or SIGINT."""

from __future__ import annotations

import dataclasses
import errno
import gc
import logging
import os
import signal
import socket
import ssl
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from progress_hub import concurrency, data_directory, hardening
from progress_hub.access import is_loopback
from progress_hub.app import Hub, create_app
from progress_hub.concurrency import Doorbell
from progress_hub.settings import ENVIRONMENT_PREFIX, SECRETS, Settings, SettingsError, convert
from progress_hub.store import StoreError
from progress_hub.tls import BadCertificate, serve_with
from progress_run import __version__
from progress_run.protocol import PROTOCOL

UNAVAILABLE = 69
CONFIGURATION = 78
CANNOT_CREATE = 73
INPUT_OUTPUT = 74
BACKLOG = 1024
GARBAGE = 20_000
"""How many objects come into being before it is looked for cycles of them, of which a hub makes few."""
SWITCH_SECONDS = 0.001
"""How long another OS thread may keep the interpreter from the event loop."""


class Failure(click.ClickException):
    """Ends the command with `exit_code`: one sentence says what is wrong, one what to do."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code  # type: ignore[misc]


@click.group()
def main() -> None:
    """The hub of `progress`."""


def _settings_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """An option, and an environment variable, for each setting; no option for secrets, which `ps` would show."""
    for field in reversed([field for field in dataclasses.fields(Settings) if field.name not in SECRETS]):
        default = "" if field.default is dataclasses.MISSING or not field.default else f"  [default: {field.default}]"
        flag = f"--{field.name.replace('_', '-')}"
        command = click.option(
            f"{flag}/--no-{flag[2:]}" if isinstance(field.default, bool) else flag,
            field.name,
            default=None,
            envvar=ENVIRONMENT_PREFIX + field.name.upper(),
            help=field.metadata["help"] + default,
        )(command)
    return command


@main.command()
@_settings_options
@click.option("--fd", type=int, help="Serve on this descriptor, an IPv4 socket that listens already.")
@click.option("--lock-fd", type=int, help="This descriptor holds the lock on the data directory already.")
def serve(fd: int | None, lock_fd: int | None, **given: Any) -> None:
    """Serve runs in the foreground until SIGTERM or SIGINT."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", level=logging.WARNING)
    logging.getLogger("progress_hub.store").setLevel(logging.INFO)
    try:
        given |= {name: os.environ.get(ENVIRONMENT_PREFIX + name.upper()) for name in SECRETS}
        settings = Settings(**{name: convert(name, value) for name, value in given.items() if value is not None})
    except SettingsError as error:
        raise click.UsageError(f"The setting {error}") from None
    tls = _tls(settings)
    _prepare(settings.data, lock_fd)
    listener = _listen(settings) if fd is None else _adopt(fd)
    host, port = listener.getsockname()[:2]
    names = (*settings.allowed_hosts, settings.host)
    settings = dataclasses.replace(settings, host=host, port=port, allowed_hosts=names)
    _check_exposure(settings)
    run(settings, listener, tls)


def run(settings: Settings, listener: socket.socket, tls: ssl.SSLContext | None) -> None:
    """Serve on a listening socket until SIGTERM or SIGINT."""
    hardening.raise_file_limit()
    hardening.share_memory_pools()
    sys.setswitchinterval(SWITCH_SECONDS)
    try:
        app = create_app(settings)
    except StoreError as error:
        raise Failure(str(error), INPUT_OUTPUT) from None
    except OSError as error:
        raise Failure(f"{error}. Mend that or name another directory with --data.", INPUT_OUTPUT) from None
    gc.freeze()
    gc.set_threshold(GARBAGE, *gc.get_threshold()[1:])
    hub: Hub = app.extensions["progress_hub"]
    stop = Doorbell(hub.concurrency)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.ring())
    hub.concurrency.spawn(hub.concurrency.serve, listener, app, hub.gate, tls)
    _announce(settings.data, _url(settings))
    stop.wait()
    listener.close()
    hub.store.close()
    # Connections and streams that are still open end with the process; nobody's bytes depend on their end.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def _tls(settings: Settings) -> ssl.SSLContext | None:
    """What to serve HTTPS with, if that is asked for."""
    if not settings.tls_cert:
        return None
    try:
        return serve_with(concurrency.load(settings.async_mode).tls(), settings.tls_cert, settings.tls_key)
    except BadCertificate as error:
        raise Failure(str(error), CONFIGURATION) from None


def _check_exposure(settings: Settings) -> None:
    """Be reached from other machines only if somebody has thought of it."""
    if not (is_loopback(settings.host) or settings.tls_cert or settings.key or settings.public):
        raise Failure(
            f"Other machines reach {settings.host}, and this hub has neither TLS nor a key of yours. Give it --tls-cert"
            f" and --tls-key, or your key in {ENVIRONMENT_PREFIX}KEY, or --public if the network is to be trusted.",
            CONFIGURATION,
        )


def _prepare(data: Path, lock_fd: int | None) -> None:
    os.umask(0o077)
    try:
        data_directory.create(data)
        if lock_fd is None:
            data_directory.lock(data)
    except data_directory.Locked:
        url = data_directory.known_url(data)
        where = f" at {url}" if url else ""
        raise Failure(f"A hub already runs on {data}{where}. Use it, or name another --data.", UNAVAILABLE) from None
    except OSError as error:
        raise Failure(
            f"The data directory {data} can't be used: {error.strerror}. Name another with --data.", CANNOT_CREATE
        ) from None


def _listen(settings: Settings) -> socket.socket:
    try:
        family, _type, _proto, _name, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as error:
        where = f"{settings.host}:{settings.port}"
        if error.errno == errno.EADDRINUSE:
            raise Failure(f"{where} is in use by another program. Choose another --port.", UNAVAILABLE) from None
        raise Failure(f"Can't listen on {where}: {error.strerror}. Choose another --host.", UNAVAILABLE) from None
    return listener


def _adopt(fd: int) -> socket.socket:
    try:
        listener = socket.socket(fileno=fd)
        listener.getsockname()
    except OSError as error:
        raise click.UsageError(f"--fd {fd} is no socket: {error.strerror}.") from None
    return listener


def _url(settings: Settings) -> str:
    """Where this machine reaches the hub."""
    host = settings.host
    name = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"http{'s' if settings.tls_cert else ''}://{name}:{settings.port}"


def _announce(data: Path, url: str) -> None:
    content = {"url": url, "pid": os.getpid(), "version": __version__, "protocol": PROTOCOL, "started": time.time()}
    data_directory.write_hub_file(data, content)
    click.echo(f"progress hub at {url}")
    sys.stdout.flush()
