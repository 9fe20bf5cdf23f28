"""The two concurrency models the hub runs on, as a handful of names each. Only this file names eventlet.

Nothing is monkey-patched (docs/adr/0011): the event loop is one OS thread, whatever may block is handed to real OS
threads by `offload`, and what those have to say comes back through a pipe.
"""

from __future__ import annotations

import errno
import functools
import io
import os
import select
import socket
import struct
import sys
import threading
import time
import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from progress_hub.gate import Gate
from progress_run.protocol import MESSAGE_BYTES

if TYPE_CHECKING:
    from ssl import SSLContext

WSGIApp = Callable[..., Any]
END_LOOK_SECONDS = 1.0
"""How often a waiting reader of simple-websocket looks whether its connection has ended."""
SOCKET_TIMEOUT = 60.0
"""Seconds in which a client has to send something of its request, or to take something of the answer."""
UNSENT_BYTES = 128 * 1024
"""How much of what a client hasn't taken the kernel keeps, beside what is on its way."""
TCP_NOTSENT_LOWAT = 25
"""Linux's; its name is in Python from 3.12 on."""
BUFFER_BYTES = 2048
"""What a connection keeps for reading and for writing, as long as it lasts; what is larger goes past it."""
OUT_OF_FILES = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
LISTENER_CLOSED = (errno.EBADF, errno.EINVAL)
PAUSE_SECONDS, SHORT_PAUSE_SECONDS = 0.1, 0.01
"""How long to wait before accepting again when there was no descriptor for a connection, and when some come free."""


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
    serve: Callable[[socket.socket, WSGIApp, Gate, SSLContext | None], None]
    """Serve a WSGI application on a listening socket, for as long as the process lives; over TLS with a context."""
    tls: Callable[[], SSLContext]
    """A context whose sockets wait as the others of this model do, see tls.py."""
    connections: int
    """How many connections it can serve well at a time."""
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
    # A hub asks for no names, and the resolver that comes with eventlet takes 16 MB where cryptography is installed.
    os.environ["EVENTLET_NO_GREENDNS"] = "yes"
    import eventlet.green.threading
    import eventlet.hubs
    import eventlet.tpool
    import eventlet.websocket
    from engineio.async_drivers import eventlet as driver

    class WebSocket(driver.WebSocketWSGI):  # type: ignore[misc]
        """Speaks RFC 6455 alone: messages of the drafts before it have no limit."""

        def __init__(self, *args: Any) -> None:
            super().__init__(*args)
            self.support_legacy_versions = False

    return Concurrency(
        name="eventlet",
        spawn=eventlet.spawn,
        sleep=eventlet.sleep,
        wait_readable=functools.partial(eventlet.hubs.trampoline, read=True),
        offload=eventlet.tpool.execute,
        event=eventlet.green.threading.Event,
        serve=_eventlet_serve,
        tls=_eventlet_tls,
        connections=65536,
        websocket=WebSocket,
        parts=(eventlet.websocket.RFC6455WebSocket,),
        packages=("eventlet",),
    )


def _threading() -> Concurrency:
    import simple_websocket

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
        serve=_threading_serve,
        tls=_threading_tls,
        connections=4096,
        websocket=functools.partial(_simple_websocket(), receive_bytes=65536, max_message_size=MESSAGE_BYTES),
        parts=(simple_websocket.Server,),
        packages=("simple-websocket",),
    )


def _eventlet_tls() -> SSLContext:
    import eventlet.green.ssl

    context: SSLContext = eventlet.green.ssl.SSLContext(eventlet.green.ssl.PROTOCOL_TLS_SERVER)
    return context


def _threading_tls() -> SSLContext:
    import ssl

    from progress_run.shared_tls import SharedTls

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.sslsocket_class = SharedTls
    return context


def _eventlet_serve(listener: socket.socket, app: WSGIApp, gate: Gate, tls: SSLContext | None) -> None:
    import eventlet.greenio
    import eventlet.wsgi

    class Listener(eventlet.greenio.GreenSocket):  # type: ignore[misc]
        """A listening socket whose `accept` outlives what would make eventlet end the server."""

        def accept(self) -> tuple[Any, Any]:
            while True:
                eventlet.sleep(0)  # a flood of connections leaves the others their turns
                try:
                    client, address = super().accept()
                except OSError as error:
                    if error.errno in LISTENER_CLOSED:
                        raise
                    eventlet.sleep(_pause(error, gate))
                else:
                    _prepare(client)
                    if wrapped := _wrapped(client, tls):
                        return wrapped, address

    class Protocol(eventlet.wsgi.HttpProtocol):  # type: ignore[misc]
        """Takes each connection through the gate; a client that breaks off is no error."""

        rbufsize = wbufsize = BUFFER_BYTES

        def __init__(self, state: list[Any], server: Any) -> None:
            with suppress(OSError, EOFError), gate.connection(state[1], state[0]) as self.passed:
                _greet(state[1], tls)
                super().__init__(state, server)

        def handle_one_response(self) -> None:
            eventlet.sleep(0)  # so does a flood of requests on one connection
            with gate.request(self.passed):
                super().handle_one_response()

        def log_message(self, *_args: Any) -> None:
            return  # of malformed requests, with what may be a link in them

    eventlet.wsgi.server(
        Listener(listener),
        app,
        protocol=Protocol,
        max_size=100_000,
        keepalive=SOCKET_TIMEOUT,
        socket_timeout=SOCKET_TIMEOUT,
        minimum_chunk_size=1,
        log_output=False,
        debug=False,
    )


def _threading_serve(listener: socket.socket, app: WSGIApp, gate: Gate, tls: SSLContext | None) -> None:
    from werkzeug.serving import ThreadedWSGIServer

    class Server(ThreadedWSGIServer):
        """A threaded server on a socket that listens already; what the hub has to log, it logs itself."""

        def get_request(self) -> tuple[Any, Any]:
            try:
                client, address = super().get_request()
            except OSError as error:
                time.sleep(_pause(error, gate))
                raise  # to whoever called, it means that there is no connection just now
            _prepare(client)
            wrapped = _wrapped(client, tls)
            if wrapped is None:
                raise ConnectionAbortedError
            return wrapped, address

        def log(self, *_args: Any) -> None:
            return

        def handle_error(self, *_args: Any) -> None:
            return

    host, port = listener.getsockname()[:2]
    Server(host, port, app, _request_handler(gate, tls), fd=listener.fileno()).serve_forever()


def _request_handler(gate: Gate, tls: SSLContext | None) -> Any:
    from werkzeug.serving import WSGIRequestHandler

    class Handler(WSGIRequestHandler):
        """Takes each connection through the gate, writes no access log, closes when a WebSocket has ended."""

        timeout = SOCKET_TIMEOUT

        def __init__(self, request: Any, address: Any, server: Any) -> None:
            with suppress(OSError), gate.connection(request, address) as self.passed:
                _greet(request, tls)
                super().__init__(request, address, server)

        def setup(self) -> None:
            super().setup()
            self.rfile = _Reading(self.rfile.detach())
            self.wfile = _Writing(self.connection)

        def run_wsgi(self) -> None:
            with gate.request(self.passed):
                super().run_wsgi()

        def log(self, *_args: Any) -> None:
            return

        def connection_dropped(self, error: BaseException, environ: dict[str, Any] | None = None) -> None:
            self.close_connection = True

    return Handler


class _Reading(io.BufferedReader):
    """What werkzeug reads a request from. Behind the request it would collect up to 10 MB that nobody asked for."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(size) if size is not None and 0 <= size <= MESSAGE_BYTES else self.read1(65536)


class _Writing(io.BufferedIOBase):
    """What werkzeug writes a response to: the timeout is for a client that takes nothing, not for one that is slow."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        with memoryview(data) as view:
            sent = 0
            while sent < len(view):
                sent += self._connection.send(view[sent:])
        return sent


def _pause(error: OSError, gate: Gate) -> float:
    """How long to wait after a connection could not be accepted; where descriptors are short, makes some free."""
    return SHORT_PAUSE_SECONDS if error.errno in OUT_OF_FILES and gate.make_room(0.5) else PAUSE_SECONDS


def _prepare(client: Any) -> None:
    """Small messages go out at once, and little is kept for whoever doesn't read."""
    with suppress(OSError):  # it has gone again
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if sys.platform == "linux":
            client.setsockopt(socket.IPPROTO_TCP, TCP_NOTSENT_LOWAT, UNSENT_BYTES)


def _wrapped(client: Any, tls: SSLContext | None) -> Any:
    """The same connection over TLS, if that is asked for, before a word is said; None when it has gone again."""
    if tls is None:
        return client
    try:
        return tls.wrap_socket(client, server_side=True, do_handshake_on_connect=False)
    except OSError:
        client.close()
        return None


def _greet(client: Any, tls: SSLContext | None) -> None:
    if tls is not None:
        client.settimeout(SOCKET_TIMEOUT)
        client.do_handshake()


def _simple_websocket() -> Any:
    import simple_websocket
    from engineio.async_drivers._websocket_wsgi import SimpleWebSocketWSGI

    class WebSocket(SimpleWebSocketWSGI):  # type: ignore[misc]
        """A connection whose end is noticed: simple-websocket wakes its reader just before it marks the end."""

        outbox: Any = None
        """The client's, see hardening.py."""

        def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
            # With a timeout a send may be partial, and simple-websocket would lose the rest; hardening.py cuts instead.
            environ["werkzeug.socket"].settimeout(None)
            return super().__call__(environ, start_response)

        def wait(self) -> str | bytes | None:
            if self.outbox is not None:
                self.outbox.breathe(time.sleep)
            while True:
                try:
                    message: str | bytes | None = self.ws.receive(timeout=END_LOOK_SECONDS)
                except simple_websocket.ConnectionClosed:
                    return None
                if message is not None:
                    return message

        def send(self, message: str | bytes) -> Any:
            if isinstance(message, bytes) or not self.ws.connected:
                return super().send(message)
            return self.ws.sock.sendall(text_frame(message))

        def close(self) -> None:
            with suppress(OSError, simple_websocket.ConnectionClosed):
                super().close()

    # A text that goes to many viewers is packed once: those who don't read then wait with the same bytes.
    text_frame = functools.lru_cache(maxsize=1)(_text_frame)
    return WebSocket


def _text_frame(text: str) -> bytes:
    """A text as one frame of a WebSocket's server (RFC 6455, 5.2)."""
    payload = text.encode()
    size = len(payload)
    if size < 126:
        header = struct.pack("!BB", 0x81, size)
    elif size < 65536:
        header = struct.pack("!BBH", 0x81, 126, size)
    else:
        header = struct.pack("!BBQ", 0x81, 127, size)
    return header + payload


class Doorbell:
    """A pipe by which another OS thread, or a signal handler, wakes a task."""

    def __init__(self, concurrency: Concurrency) -> None:
        self._wait_readable = concurrency.wait_readable
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._reader, False)
        os.set_blocking(self._writer, False)
        self._lock = threading.RLock()
        self._closed = False

    def ring(self) -> None:
        """Wake the task that waits, now or when it next does; nobody, once it is closed."""
        with self._lock, suppress(BlockingIOError):  # full of rings that nobody has answered: one more says nothing new
            if not self._closed:
                os.write(self._writer, b"!")

    def close(self) -> None:
        """Give the pipe back; nobody may wait any more."""
        with self._lock:
            self._closed = True
            os.close(self._reader)
            os.close(self._writer)

    def wait(self) -> None:
        """Wait until somebody has rung since the last call."""
        self._wait_readable(self._reader)
        try:
            os.read(self._reader, 65536)
        except BlockingIOError:
            return
