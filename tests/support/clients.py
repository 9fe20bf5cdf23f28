"""A publisher and a viewer for tests: each folds the messages it gets into fields, and can wait for a condition."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
import zlib
from collections.abc import Callable
from http.client import HTTPException
from types import TracebackType
from typing import Any, ClassVar
from urllib.parse import urlsplit

import engineio
import requests
import socketio
from tests.support.hub import START_SECONDS, Hub, wait_until
from tests.support.site import KnownHub, Site

from progress_run import protocol
from progress_run.shared_tls import SharedTls


def new_token() -> str:
    """A link's token."""
    return secrets.token_urlsafe(32)


def sha256(data: bytes) -> str:
    """Lower-case hex SHA-256."""
    return hashlib.sha256(data).hexdigest()


class _OneThread(engineio.Client):  # type: ignore[misc]
    """Handles messages one after the other; engineio starts a thread for each, and those overtake one another."""

    def _trigger_event(self, event: str, *args: Any, **options: Any) -> Any:
        return super()._trigger_event(event, *args, **{**options, "run_async": False})


class _InOrder(socketio.Client):  # type: ignore[misc]
    """A Socket.IO client whose handlers and callbacks are called in the order in which the hub has spoken."""

    def _engineio_client_class(self) -> type[engineio.Client]:
        return _OneThread

    def _handle_eio_disconnect(self, reason: str) -> None:
        self.connected = True  # else the end of one that drops as it is made is told to nobody
        super()._handle_eio_disconnect(reason)


def _session(hub: Hub | Site | KnownHub) -> requests.Session:
    """What asks a hub over HTTP: without a proxy, and trusting the hub's own certificate alone."""
    session = requests.Session()
    session.trust_env = False
    if isinstance(hub, Site) and hub.certificate:
        session.verify = str(hub.certificate.cert)
    return session


def _websocket_options(hub: Hub | Site | KnownHub) -> dict[str, Any]:
    """The client reads in one thread and writes in others, which OpenSSL bears of a socket that sees to it."""
    if not isinstance(hub, Site) or not hub.certificate:
        return {}
    context = hub.certificate.trusted()
    context.sslsocket_class = SharedTls
    return {"sslopt": {"context": context}}


class Client:
    """A Socket.IO client of one namespace that does not reconnect; `refused` is why the hub did not let it in."""

    namespace: str
    headers: ClassVar[dict[str, str]] = {}

    def __init__(self, hub: Hub | Site | KnownHub, auth: dict[str, Any], transports: list[str] | None = None) -> None:
        self.hub = hub
        self.refused: dict[str, Any] | None = None
        self.changed = threading.Condition()
        self.socket = _InOrder(
            reconnection=False,
            handle_sigint=False,
            http_session=_session(hub),
            websocket_extra_options=_websocket_options(hub),
        )
        self.socket.on("connect_error", self._refused, namespace=self.namespace)
        self.socket.on("disconnect", self._folding(lambda *_: None), namespace=self.namespace)
        for name in dir(self):
            if name.startswith("on_"):
                self.socket.on(name[3:], self._folding(getattr(self, name)), namespace=self.namespace)
        try:
            self.socket.connect(
                hub.url,
                auth=auth,
                namespaces=[self.namespace],
                headers=self.headers,
                transports=transports or ["websocket"],
                socketio_path=f"{urlsplit(hub.url).path}/socket.io",
                wait_timeout=20,
            )
        except socketio.exceptions.ConnectionError:
            if self.refused is None:
                raise

    def __enter__(self) -> Any:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Disconnect, and let go of the connection even where the hub was killed."""
        connection = self.socket.eio.ws
        self.socket.disconnect()
        with self.changed:
            self.changed.notify_all()
        if connection is not None:
            connection.shutdown()

    def wait_for(self, condition: Callable[[], bool], what: str, seconds: float = START_SECONDS) -> None:
        """Wait until a condition on the fields holds, or fail saying what did not happen."""
        with self.changed:
            assert self.changed.wait_for(condition, seconds), f"not within {seconds:g} s: {what}"

    def emit(self, event: str, data: Any) -> None:
        """Send without asking for a reply."""
        self.socket.emit(event, data, namespace=self.namespace)

    def call(self, event: str, data: Any, fold: Callable[[Any], None] = lambda _reply: None) -> Any:
        """Send and wait for the reply, which `fold` is given in its order among the other messages."""
        replies: list[Any] = []

        def replied(reply: Any = None) -> None:
            with self.changed:
                fold(reply)
                replies.append(reply)
                self.changed.notify_all()

        self.socket.emit(event, data, namespace=self.namespace, callback=replied)
        self.wait_for(lambda: bool(replies) or not self.socket.connected, f"a reply to {event}")
        if not replies:
            raise socketio.exceptions.DisconnectedError
        return replies[0]

    def _refused(self, data: Any) -> None:
        if isinstance(data, dict):
            self.refused = data.get("data")

    def _folding(self, handler: Callable[[Any], None]) -> Callable[[Any], None]:
        def fold(data: Any = None) -> None:
            with self.changed:
                handler(data)
                self.changed.notify_all()

        return fold


class Publisher(Client):
    """Publishes one run; `end`, `events_end` is what the hub has acknowledged."""

    namespace = protocol.PUBLISH

    def __init__(
        self,
        hub: Hub | Site | KnownHub,
        run: str = "",
        *,
        token: str = "",
        epoch: int = 1,
        key: str | None = None,
        transports: list[str] | None = None,
    ) -> None:
        self.run = run or f"run-{secrets.token_hex(8)}"
        self.token = token or new_token()
        self.epoch = epoch
        self.end = self.events_end = 0
        self.needs: list[dict[str, Any]] = []
        self.refusals: list[dict[str, Any]] = []
        self.controls: list[dict[str, Any]] = []
        self.fenced = False
        auth = {"key": hub.key if key is None else key, "protocol": protocol.PROTOCOL}
        super().__init__(hub, auth, transports)

    def open(self, **changes: Any) -> Any:
        """Send `open`, with some of it changed."""
        meta = {"name": "job", "command": ["job"], "started": time.time(), "pty": True, "cols": 80, "rows": 24}
        links = [{"role": "view", "sha256": sha256(self.token.encode())}]
        return self.call("open", {"run": self.run, "epoch": self.epoch, "meta": meta, "links": links, **changes})

    def append(self, at: int, data: bytes, codec: str = "", t: float = 0.0, **more: Any) -> None:
        """Send output from an offset."""
        packed = zlib.compress(data) if codec == "zlib" else data
        message = {"run": self.run, "epoch": self.epoch, "at": at, "t": t, "data": packed, "codec": codec}
        self.emit("append", {**message, **more})

    def append_all(self, data: bytes, size: int = 16384, codec: str = "") -> None:
        """Send output from where the hub is, a window at a time, and wait until it is durable."""
        sent, start = self.end, self.end
        while self.end < start + len(data):
            while sent < start + len(data) and sent - self.end < 2 * protocol.CHUNK_BYTES:
                piece = data[sent - start : sent - start + size]
                self.append(sent, piece, codec)
                sent += len(piece)
            known = self.end
            self.wait_for(lambda known=known: self.end > known, "an ack")  # type: ignore[misc]

    def event(self, *events: dict[str, Any]) -> None:
        """Send events, and wait until they are durable."""
        numbered = [{"seq": self.events_end + n, "t": 0.0, "at": self.end, **event} for n, event in enumerate(events)]
        self.emit("event", {"run": self.run, "epoch": self.epoch, "events": numbered})
        end = self.events_end + len(events)
        self.wait_for(lambda: self.events_end >= end, "an ack of events")

    def seal(self, data: bytes, **more: Any) -> Any:
        """Send `seal` for a run whose whole output is `data`."""
        message = {"run": self.run, "epoch": self.epoch, "size": len(data), "sha256": sha256(data)}
        return self.call("seal", {**message, **more})

    def blocks(self) -> Any:
        """Ask for the sums of what the hub has."""
        return self.call("blocks", {"run": self.run, "epoch": self.epoch, "from": 0})

    def on_ack(self, data: Any) -> None:
        """Durable up to here."""
        self.end, self.events_end = data["end"], data["events_end"]

    def on_need(self, data: Any) -> None:
        """A gap was refused."""
        self.needs.append(data)

    def on_refused(self, data: Any) -> None:
        """Something was refused for good."""
        self.refusals.append(data)

    def on_control(self, data: Any) -> None:
        """A viewer asks something of the job."""
        self.controls.append(data)

    def on_fenced(self, data: Any) -> None:
        """Another publisher has the run."""
        self.fenced = True


class Viewer(Client):
    """Watches one run, without loss: `output` is all of it up to now, `events` likewise, `run` as it was last told."""

    namespace = protocol.WATCH

    def __init__(
        self, hub: Hub | Site | KnownHub, token: str, transports: list[str] | None = None, *, key: str | None = None
    ) -> None:
        """`key` is one of the hub's, for a private run."""
        self.token = token
        self.output = b""
        self.events: list[dict[str, Any]] = []
        self.run: dict[str, Any] = {}
        self.results: dict[str, dict[str, Any]] = {}
        self.inline = self.fetched = 0
        self._hinted = self._catching_up = False
        self._headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        beside = {} if key is None else {"key": key}
        super().__init__(hub, {"link": token, "protocol": protocol.PROTOCOL, **beside}, transports)
        if self.refused is None:
            self.catch_up()

    def catch_up(self) -> None:
        """Tell the hub how far this viewer is, and fetch over HTTP what it does not send."""
        while True:
            have = {"from": len(self.output), "events_from": len(self.events)}
            watching = self.call("watch", have, lambda reply: self.on_run(reply["run"]))
            with self.changed:
                if len(self.output) >= watching["end"] and len(self.events) >= watching["events_end"]:
                    self.changed.notify_all()
                    return
            self._fetch()

    def _fetch(self) -> None:
        with self.changed:
            at, events_at = len(self.output), len(self.events)
        output = self.hub.get(f"/r/{self.token}/output?from={at}", **self._headers)
        events = self.hub.get(f"/r/{self.token}/events?from={events_at}", **self._headers)
        with self.changed:
            self._take_output(at, output)
            self._take_events([json.loads(line) for line in events.splitlines()])
            self.fetched += len(output)
            self.changed.notify_all()

    def on_output(self, data: Any) -> None:
        """Output, inline."""
        output = base64.b64decode(data["data"])
        self.inline += len(output)
        self._take_output(data["at"], output)

    def on_events(self, data: Any) -> None:
        """Events, inline."""
        self._take_events(data["events"])

    def on_run(self, data: Any) -> None:
        """The run has changed."""
        self.run = data

    def ask(self, do: str, request: str = "", **more: Any) -> str:
        """Ask something of the job, a second time where a `request` is named; its id."""
        request = request or new_token()
        self.emit("control", {"id": request, "do": do, **more})
        return request

    def result(self, request: str) -> tuple[str, str | None]:
        """What the hub answered at once: the state, and the reason."""
        self.wait_for(lambda: request in self.results, f"a result of {request}")
        return self.results[request]["state"], self.results[request].get("reason")

    def steps(self, request: str) -> list[dict[str, Any]]:
        """What the runner has said of a request so far."""
        return [event for event in self.events if event["kind"] == "control" and event["id"] == request]

    def states(self, request: str) -> list[str]:
        """The same in a word each."""
        return [step["state"] for step in self.steps(request)]

    def on_control_result(self, data: Any) -> None:
        """The hub has handed a request on, or refused it."""
        self.results[data["id"]] = data

    def on_grown(self, data: Any) -> None:
        """A hint to catch up."""
        self._hinted = True
        if not self._catching_up:
            self._catching_up = True
            threading.Thread(target=self._catch_up_unless_closed, daemon=True).start()

    def _catch_up_unless_closed(self) -> None:
        try:
            while self._takes_a_hint():
                self.catch_up()
        except socketio.exceptions.SocketIOError:
            pass  # it is closed
        except (OSError, HTTPException):
            wait_until(lambda: not self.socket.connected, "the hub that cut an answer off has died")

    def _takes_a_hint(self) -> bool:
        with self.changed:
            self._hinted, self._catching_up = False, self._hinted
            return self._catching_up

    def _take_output(self, at: int, data: bytes) -> None:
        if at <= len(self.output):
            self.output += data[len(self.output) - at :]

    def _take_events(self, events: list[dict[str, Any]]) -> None:
        self.events += [event for event in events if event["seq"] >= len(self.events)]


class ListWatcher(Client):
    """Looks at the list of runs: `runs` by their ids as they were last told, `gone` the ids of those deleted."""

    namespace = protocol.RUNS

    def __init__(self, hub: Hub | Site | KnownHub, key: str | None = None) -> None:
        self.runs: dict[str, dict[str, Any]] = {}
        self.gone: set[str] = set()
        self.messages = 0
        self.missed = False
        super().__init__(hub, {"key": hub.owner_key if key is None else key, "protocol": protocol.PROTOCOL})

    def on_runs(self, data: Any) -> None:
        """Some runs have changed."""
        self.messages += 1
        self.runs |= {run["id"]: run for run in data["runs"]}
        self.gone |= set(data["gone"])

    def on_missed(self, _data: Any) -> None:
        """Something could not be told."""
        self.missed = True
