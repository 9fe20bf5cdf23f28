"""A connection to a hub that goes at the wrong moment."""

from __future__ import annotations

import base64
import hashlib
import http.server
import threading

import engineio
import pytest
from tests.runner.test_bad_input import server_of
from tests.support.hub import wait_until

from progress_run.protocol import PUBLISH
from progress_run.sender.connection import Connection, UnreachableError

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
"""Of RFC 6455, section 1.3."""


class Vanishing(http.server.BaseHTTPRequestHandler):
    """A hub that dies as soon as it has let somebody in."""

    def do_GET(self) -> None:
        accept = base64.b64encode(hashlib.sha1(self.headers["Sec-WebSocket-Key"].encode() + GUID).digest()).decode()
        self.send_response(101)
        for name, value in (("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Accept", accept)):
            self.send_header(name, value)
        self.end_headers()
        self._say('0{"sid":"a","upgrades":[],"pingTimeout":20000,"pingInterval":25000}')
        self.connection.recv(4096)
        self._say(f'40{PUBLISH},{{"sid":"b"}}')
        self.close_connection = True

    def _say(self, text: str) -> None:
        self.wfile.write(b"\x81" + bytes([len(text)]) + text.encode())


def test_one_that_drops_as_it_is_made_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before socketio has noted that it is connected: then it says nothing of the end."""

    def create_event(client: engineio.Client) -> threading.Event:
        class Event(threading.Event):
            def wait(self, timeout: float | None = None) -> bool:
                found = super().wait(timeout)
                wait_until(lambda: client.state == "disconnected", "the connection is gone")
                return found

        return Event()

    monkeypatch.setattr(engineio.Client, "create_event", create_event)
    with server_of(Vanishing) as url:
        connection = Connection(url, "key", "websocket", lambda: None)
        with pytest.raises(UnreachableError, match="was lost"):
            connection.open({"run": "r", "epoch": 1, "meta": {}, "links": []})
        connection.close()
