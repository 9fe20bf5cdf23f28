"""The two concurrency models the hub runs on, as a handful of names each. Only this file names eventlet.

Nothing is monkey-patched (docs/adr/0011): the event loop is one OS thread, whatever may block is handed to real OS
threads by `offload`, and what those have to say comes back through a pipe.
"""

from __future__ import annotations

import errno
import functools
import os
import select
import socket
import threading
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from progress_run.protocol import MESSAGE_BYTES

WSGIApp = Callable[..., Any]
END_LOOK_SECONDS = 1.0
"""How often a waiting reader of simple-websocket looks whether its connection has ended."""
SOCKET_TIMEOUT = 60.0
"""Seconds a client may take for a request line, or to take what is sent to it."""
OUT_OF_FILES = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)


class Event(Protocol):
    """What tasks wait on; `set` is for the event loop's own tasks, not for other OS threads."""

    def set(self) -> None: ...
    def clear(self) -> None: ...
    def wait(self, timeout: float | None = None) -> Any: ...


@dataclass(frozen=True)
class Concurrency:
    """How to run a task, wait, and serve."""

    name: str
    spawn: Callable[..., Any]
    sleep: Callable[[float], Any]
    wait_readable: Callable[[int], Any]
    offload: Callable[..., Any]
    """Call a blocking function on another OS thread, wait for it, return or raise what it did."""
    event: Callable[[], Event]
    serve: Callable[[socket.socket, WSGIApp], None]
    """Serve a WSGI application on a listening socket, for as long as the process lives."""
    websocket: Callable[..., Any]
    """The WebSocket driver in the shape that engineio asks for."""
    parts: tuple[Any, ...] = ()
    """Classes of the WebSocket library, for hardening.py."""
    packages: tuple[str, ...] = ()
    """Distributions whose private parts hardening.py touches in this model."""


def load(name: str) -> Concurrency:
    """The model of that name: `eventlet` or `threading`."""
    return {"eventlet": _eventlet, "threading": _threading}[name]()


def _eventlet() -> Concurrency:
    warnings.filterwarnings("ignore", "\\s*Eventlet is deprecated")  # known: docs/adr/0011
    import eventlet.green.threading
    import eventlet.greenio
    import eventlet.hubs
    import eventlet.tpool
    import eventlet.websocket
    import eventlet.wsgi
    from engineio.async_drivers import eventlet as driver

    class Listener(eventlet.greenio.GreenSocket):  # type: ignore[misc]
        """A listening socket whose `accept` waits for a free file descriptor, where eventlet would end the server."""

        def accept(self) -> tuple[Any, Any]:
            while True:
                try:
                    client, address = super().accept()
                except OSError as error:
                    if error.errno not in OUT_OF_FILES:
                        raise
                    eventlet.sleep(0.1)
                else:
                    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    return client, address

    def serve(listener: socket.socket, app: WSGIApp) -> None:
        eventlet.wsgi.server(
            Listener(listener),
            app,
            max_size=100_000,
            keepalive=SOCKET_TIMEOUT,
            socket_timeout=SOCKET_TIMEOUT,
            minimum_chunk_size=1,
            log_output=False,
            debug=False,
        )

    return Concurrency(
        name="eventlet",
        spawn=eventlet.spawn,
        sleep=eventlet.sleep,
        wait_readable=functools.partial(eventlet.hubs.trampoline, read=True),
        offload=eventlet.tpool.execute,
        event=eventlet.green.threading.Event,
        serve=serve,
        websocket=driver.WebSocketWSGI,
        parts=(eventlet.websocket.RFC6455WebSocket,),
        packages=("eventlet",),
    )


def _threading() -> Concurrency:
    from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

    class Handler(WSGIRequestHandler):
        """A request handler that writes no access log, and closes a connection whose WebSocket has ended."""

        disable_nagle_algorithm = True

        def log(self, *_args: Any) -> None:
            return

        def connection_dropped(self, error: BaseException, environ: dict[str, Any] | None = None) -> None:
            self.close_connection = True

    class Server(ThreadedWSGIServer):
        """A threaded server on a socket that listens already; what the hub has to log, it logs itself."""

        def log(self, *_args: Any) -> None:
            return

        def handle_error(self, *_args: Any) -> None:
            return

    def serve(listener: socket.socket, app: WSGIApp) -> None:
        host, port = listener.getsockname()[:2]
        Server(host, port, app, Handler, fd=listener.fileno()).serve_forever()

    def spawn(function: Callable[..., Any], *args: Any) -> None:
        threading.Thread(target=function, args=args, daemon=True).start()

    def wait_readable(descriptor: int) -> None:
        poll = select.poll()  # select() takes no descriptor above 1023, and a busy hub has those
        poll.register(descriptor, select.POLLIN)
        poll.poll()

    return Concurrency(
        name="threading",
        spawn=spawn,
        sleep=time.sleep,
        wait_readable=wait_readable,
        offload=lambda function, *args: function(*args),
        event=threading.Event,
        serve=serve,
        websocket=functools.partial(_simple_websocket(), receive_bytes=65536, max_message_size=MESSAGE_BYTES),
        packages=("simple-websocket",),
    )


def _simple_websocket() -> Any:
    import simple_websocket
    from engineio.async_drivers._websocket_wsgi import SimpleWebSocketWSGI

    class WebSocket(SimpleWebSocketWSGI):  # type: ignore[misc]
        """A connection whose end is noticed: simple-websocket wakes its reader just before it marks the end."""

        def wait(self) -> str | bytes | None:
            while True:
                try:
                    message: str | bytes | None = self.ws.receive(timeout=END_LOOK_SECONDS)
                except simple_websocket.ConnectionClosed:
                    return None
                if message is not None:
                    return message

    return WebSocket


class Doorbell:
    """A pipe by which another OS thread, or a signal handler, wakes a task."""

    def __init__(self, concurrency: Concurrency) -> None:
        self._wait_readable = concurrency.wait_readable
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._reader, False)
        os.set_blocking(self._writer, False)

    def ring(self) -> None:
        """Wake the task that waits, now or when it next does."""
        try:
            os.write(self._writer, b"!")
        except BlockingIOError:
            return  # full of rings that nobody has answered: one more says nothing new

    def close(self) -> None:
        """Give the pipe back; nobody may ring or wait any more."""
        os.close(self._reader)
        os.close(self._writer)

    def wait(self) -> None:
        """Wait until somebody has rung since the last call."""
        self._wait_readable(self._reader)
        try:
            os.read(self._reader, 65536)
        except BlockingIOError:
            return
