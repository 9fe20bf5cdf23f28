"""One connection to a hub's /publish, by python-socketio; never reused after it has dropped.

Its defences, see docs/adr/0003-sender.md: no reconnection of its own, no signal handler, no trust in its emits. The
only thing that counts is what the hub says it has.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import socketio
import socketio.exceptions

from progress_run.protocol import (
    POLLING_APPENDS,
    PROTOCOL,
    PUBLISH,
    WINDOW_APPENDS,
    Append,
    Blocks,
    Events,
    Open,
    Seal,
)
from progress_run.shared_tls import SharedTls

CONNECT_SECONDS = 10
REPLY_SECONDS = 30

for _name in ("NO_PROXY", "no_proxy"):
    # A proxy is for the world outside; the hub on this machine is not behind it.
    os.environ[_name] = ",".join(filter(None, (os.environ.get(_name), "127.0.0.1,localhost,::1")))


class UnreachableError(Exception):
    """The hub can't be reached, or was lost; worth trying again soon."""


class RefusedError(Exception):
    """The hub answered no; it needs somebody to change something. With `fenced` comes the epoch that has the run."""

    def __init__(self, code: str, message: str, epoch: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.epoch = epoch


class Connection:
    """An open connection; what the hub says lies in `inbox` as (event, data).

    Attributes:
        appends: how many may be in flight on it.
    """

    def __init__(self, url: str, key: str, transport: str, wake: Callable[[], None]) -> None:
        """Connect; `wake` is called, on another thread, whenever something has come into the inbox.

        Raises:
            RefusedError: the hub said why not, or it isn't a hub.
            UnreachableError: anything else.
        """
        self.inbox: queue.SimpleQueue[tuple[str, dict[str, Any]]] = queue.SimpleQueue()
        self.appends = POLLING_APPENDS if transport == "polling" else WINDOW_APPENDS
        self._wake = wake
        self._refusal: Any = None
        self._replies: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._client = socketio.Client(
            reconnection=False, handle_sigint=False, websocket_extra_options=_websocket_options(url)
        )
        self._listen()
        try:
            self._connect(url, key, transport)
        except BaseException:
            self.close()
            raise

    def open(self, request: Open) -> dict[str, Any]:
        """Take the run up; the hub's Position."""
        return self._call("open", dict(request))

    def seal(self, request: Seal) -> dict[str, Any]:
        """Declare the run whole; the hub's Position."""
        return self._call("seal", dict(request))

    def blocks(self, request: Blocks) -> dict[str, Any]:
        """Ask what the hub has; its Sums."""
        return self._call("blocks", dict(request))

    def append(self, message: Append) -> None:
        """Send output."""
        self._emit("append", dict(message))

    def events(self, message: Events) -> None:
        """Send events."""
        self._emit("event", dict(message))

    def close(self) -> None:
        """Let go at once, without a word to a peer that may not listen."""
        with contextlib.suppress(Exception):  # it is being thrown away; no state is left that could be wrong
            self._client.eio.disconnect(abort=True)

    def _listen(self) -> None:
        for name in ("ack", "need", "fenced", "refused", "control"):
            self._client.on(name, self._putter(name), namespace=PUBLISH)
        self._client.on("disconnect", self._on_disconnect, namespace=PUBLISH)
        self._client.on("connect_error", self._on_connect_error, namespace=PUBLISH)

    def _putter(self, name: str) -> Any:
        return lambda data=None: self._put(name, data if isinstance(data, dict) else {})

    def _put(self, name: str, data: dict[str, Any]) -> None:
        self.inbox.put((name, data))
        self._wake()

    def _on_disconnect(self, *_reason: Any) -> None:
        self._put("disconnect", {})
        self._replies.put(None)  # whoever waits for a reply need not wait any longer

    def _on_connect_error(self, data: Any = None) -> None:
        self._refusal = data.get("data") if isinstance(data, dict) else None

    def _connect(self, url: str, key: str, transport: str) -> None:
        try:
            self._client.connect(
                url,
                auth={"key": key, "protocol": PROTOCOL},
                namespaces=[PUBLISH],
                transports=[transport],
                socketio_path=f"{urlsplit(url).path}/socket.io".lstrip("/"),
                wait_timeout=CONNECT_SECONDS,
            )
        except (socketio.exceptions.SocketIOError, OSError, ValueError) as error:
            if isinstance(self._refusal, dict) and "code" in self._refusal:
                raise refusal(self._refusal) from error
            check_hub(url)
            raise UnreachableError(f"The hub at {url} did not take the connection.") from error

    def _call(self, name: str, data: dict[str, Any]) -> dict[str, Any]:
        """Ask, and wait for the reply, or for the end of the connection: socketio's own `call` doesn't notice that."""
        try:
            self._client.emit(name, data, namespace=PUBLISH, callback=lambda *reply: self._replies.put(reply))
            reply = self._reply()
        except (socketio.exceptions.SocketIOError, queue.Empty) as error:
            raise UnreachableError("The hub did not answer.") from error
        if reply is None:
            raise UnreachableError("The connection to the hub was lost.")
        answer = reply[0] if reply else None
        if not isinstance(answer, dict):
            raise UnreachableError("The hub's answer makes no sense.")
        if "error" not in answer:
            return answer
        raise refusal(answer["error"])

    def _reply(self) -> Any:
        """What the hub answers; None if the connection has gone, which one that drops as it is made does silently."""
        for _ in range(REPLY_SECONDS):
            with contextlib.suppress(queue.Empty):
                return self._replies.get(timeout=1)
            if self._client.eio.state != "connected":
                return None
        raise queue.Empty

    def _emit(self, name: str, data: dict[str, Any]) -> None:
        try:
            self._client.emit(name, data, namespace=PUBLISH)
        except socketio.exceptions.SocketIOError as error:
            raise UnreachableError("The connection to the hub was lost.") from error


def _websocket_options(url: str) -> dict[str, Any]:
    """The client reads in one thread and writes in others, which a TLS socket must see to."""
    if not url.startswith("https:"):
        return {}
    context = ssl.create_default_context()
    context.sslsocket_class = SharedTls
    return {"sslopt": {"context": context}}


def refusal(error: Any) -> RefusedError | UnreachableError:
    """What the hub says in refusing something, `protocol.Error`, as an exception."""
    said = error if isinstance(error, dict) else {}
    code, message = str(said.get("code")), str(said.get("message", "The hub refused, and did not say why."))
    if code == "unavailable":
        return UnreachableError(message)
    epoch = said.get("epoch")
    return RefusedError(code, message, epoch if isinstance(epoch, int) else None)


def check_hub(url: str) -> None:
    """Ask whether there is a hub at all, to say what is wrong in words that help.

    Raises:
        RefusedError: something answers, but no hub that we can talk to.
        UnreachableError: nobody answers.
    """
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=CONNECT_SECONDS) as reply:
            health = json.load(reply)
    except urllib.error.HTTPError as error:
        raise RefusedError("not_a_hub", _not_a_hub(url, f"answered {error.code}")) from error
    except OSError as error:
        raise UnreachableError(f"The hub at {url} can't be reached.") from error
    except ValueError as error:
        raise RefusedError("not_a_hub", _not_a_hub(url, "speaks another language")) from error
    if not isinstance(health, dict) or health.get("progress") != "hub":
        raise RefusedError("not_a_hub", _not_a_hub(url, "says nothing of being one"))
    if health.get("protocol") != PROTOCOL:
        theirs = health.get("protocol")
        raise RefusedError(
            "bad_protocol", f"The hub speaks protocol {theirs}, we speak {PROTOCOL}; update the older one."
        )


def _not_a_hub(url: str, why: str) -> str:
    return f"{url} is not a progress hub (/healthz {why}). Check the address given by --hub or PROGRESS_HUB."
