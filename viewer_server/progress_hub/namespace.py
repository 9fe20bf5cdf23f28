"""What the two Socket.IO namespaces have in common: dispatch, refusals, and emitting."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import flask_socketio
from socketio.exceptions import ConnectionRefusedError as ConnectionRefused

from progress_hub.failures import TOO_MANY, Failures
from progress_hub.gate import address_of
from progress_hub.wire import Refused
from progress_run.protocol import PROTOCOL, ErrorCode

log = logging.getLogger(__name__)


class GuardedNamespace(flask_socketio.Namespace):  # type: ignore[misc]
    """Dispatches the events it lists in `requests` and no other, without a Flask request around each message."""

    requests: dict[str, Callable[..., Any]]

    def __init__(self, namespace: str, failures: Failures) -> None:
        super().__init__(namespace)
        self._failures = failures

    def trigger_event(self, event: str, *args: Any) -> Any:
        """Called by python-socketio: hardening.py lets no client send an event named connect or disconnect."""
        if event == "connect":
            return self._admit(args[0], address_of(args[1]), args[2] if len(args) > 2 else None)
        if event == "disconnect":
            return self.disconnected(args[0])
        return self._request(self.requests.get(event, _nobody_does), *args)

    def connected(self, sid: str, auth: Any) -> None:
        """A client wants to connect; raises `ConnectionRefused`."""
        raise NotImplementedError

    def disconnected(self, sid: str) -> None:
        """A client has gone."""
        raise NotImplementedError

    def send(self, event: str, data: Any, to: str) -> None:
        """Emit to one client or to a room."""
        self.server.emit(event, data, to=to, namespace=self.namespace)

    def _admit(self, sid: str, address: str, auth: Any) -> None:
        try:
            self.connected(sid, auth)
        except ConnectionRefused as refused:
            wrong = refused.error_args["data"]["code"] in ("bad_key", "bad_link")
            if wrong and self._failures.too_many(address):
                raise refuse("unavailable", TOO_MANY) from None
            raise

    def _request(self, handler: Callable[..., Any], sid: str, *args: Any) -> Any:
        try:
            return handler(sid, args[0] if args else None)
        except Refused as refused:
            log.info("%s: %s refused: %s", self.namespace, sid, refused)
            return refused.reply()
        except Exception:
            log.exception("A request in %s failed", self.namespace)
            return Refused("unavailable", "The hub could not do this; its log says why.").reply()


def _nobody_does(_sid: str, _message: Any) -> None:
    raise Refused("bad_request", "This hub does not do that.")


def refuse(code: ErrorCode, message: str) -> ConnectionRefused:
    """The exception that refuses a connection: clients see `message`, and `{code, message}` as its data."""
    return ConnectionRefused(message, {"code": code, "message": message})


def check_protocol(auth: Any) -> None:
    """Refuse a client that speaks another version of the protocol."""
    spoken = auth.get("protocol") if isinstance(auth, dict) else None
    if spoken != PROTOCOL:
        raise refuse("bad_protocol", f"This hub speaks protocol {PROTOCOL}, the client {spoken}; update the older one.")
