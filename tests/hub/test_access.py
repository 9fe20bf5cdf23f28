"""Who is let in, what is refused, and in which words."""

from __future__ import annotations

import urllib.error
import urllib.request
import zlib
from contextlib import suppress
from typing import Any

import pytest
import websocket
from tests.support.clients import Client, Publisher, Viewer, new_token
from tests.support.hub import Hub

from progress_run import protocol


def answer(hub: Hub, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    """Status, headers but the date, and body of a GET, whatever they are."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        with urllib.request.urlopen(urllib.request.Request(hub.url + path, headers=named), timeout=20) as response:
            return response.status, without_date(response.headers), response.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, without_date(error.headers), error.read()


def without_date(headers: Any) -> dict[str, str]:
    """Headers but the date."""
    return {name: value for name, value in headers.items() if name != "Date"}


def connected_by_hand(hub: Hub, *headers: str) -> websocket.WebSocket:
    """A WebSocket on which the hub has said its first word."""
    url = hub.url.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket"
    raw = websocket.create_connection(url, header=list(headers), timeout=20)
    raw.recv()
    return raw


def read_to_the_end(raw: websocket.WebSocket) -> None:
    """Wait until the hub closes the connection; fails when that takes as long as its pings or its reaper do."""
    raw.settimeout(7)
    try:
        while raw.recv():
            pass
    except websocket.WebSocketTimeoutException:
        raise AssertionError("the hub did not close the connection") from None
    except (websocket.WebSocketException, OSError):
        return
    finally:
        raw.shutdown()  # type: ignore[no-untyped-call]


def refusal(client: Client) -> tuple[str, str]:
    """Code and sentence by which a client was refused."""
    assert client.refused is not None
    return client.refused["code"], client.refused["message"]


def test_wrong_keys_links_and_protocols_are_refused_in_words(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    with Publisher(hub, key="wrong") as publisher:
        assert refusal(publisher) == (
            "bad_key",
            "The publish key is wrong; `progress hub key` prints the right one on the hub.",
        )
    for token in (new_token(), "malformed!", ""):
        with Viewer(hub, token) as viewer:
            assert refusal(viewer)[0] == "bad_link"
    monkeypatch.setattr(protocol, "PROTOCOL", 99)
    with Publisher(hub) as publisher, Viewer(hub, new_token()) as viewer:
        assert refusal(publisher) == (
            "bad_protocol",
            "This hub speaks protocol 1, the client 99; update the older one.",
        )
        assert refusal(viewer)[0] == "bad_protocol"


def test_what_is_not_there_looks_the_same_everywhere(hub: Hub) -> None:
    places = [f"/r/{token}{tail}" for token in (new_token(), "malformed!", "a" * 500)
              for tail in ("", ".txt", ".ansi", "/info", "/output", "/events", "/nothing")]  # fmt: skip
    found = [answer(hub, place) for place in [*places, "/favicon.ico"]]
    assert found[0][0] == 404
    assert all(each == found[0] for each in found)
    assert "Set-Cookie" not in found[0][1]


def test_hosts_and_origins(hub: Hub) -> None:
    assert answer(hub, "/healthz", Host="evil.example")[0] == 421
    assert answer(hub, "/healthz", Host="localhost:1")[0] == 200
    handshake = "/socket.io/?EIO=4&transport=polling"
    assert answer(hub, handshake, Origin="http://evil.example")[0] == 403
    assert answer(hub, handshake, Host="evil.example", Origin="http://evil.example")[0] == 421
    status, headers, _body = answer(hub, handshake, Origin=hub.url)
    assert status == 200
    assert "Set-Cookie" not in headers


def test_more_hosts_and_origins_by_settings() -> None:
    with Hub("eventlet", "--allowed-hosts", "hub.example", "--allowed-origins", "https://app.example") as hub:
        assert answer(hub, "/healthz", Host="hub.example")[0] == 200
        assert answer(hub, "/healthz", Host="evil.example")[0] == 421
        handshake = "/socket.io/?EIO=4&transport=polling"
        assert answer(hub, handshake, Origin="https://app.example")[0] == 200
        assert answer(hub, handshake, Origin="https://evil.example")[0] == 403


METRIC = {"seq": 0, "t": 0, "at": 0, "kind": "metric"}

BAD_REQUESTS = {
    "no object": ("open", "text"),
    "run id": ("open", {"run": "../x", "epoch": 1}),
    "epoch": ("open", {"run": "x", "epoch": -1}),
    "meta": ("open", {"run": "x", "epoch": 1, "meta": {"name": 3}, "links": []}),
    "git": ("open", {"run": "x", "epoch": 1, "meta": {"git": {"commit": "0" * 40, "dirty": "?"}}, "links": []}),
    "meta too large": ("open", {"run": "x", "epoch": 1, "meta": {"name": "n" * 40_000}, "links": []}),
    "links": ("open", {"run": "x", "epoch": 1, "meta": {}, "links": [{"role": "admin", "sha256": "0" * 64}]}),
    "not open": ("append", {"run": "x", "epoch": 1, "at": 0, "t": 0, "data": b"", "codec": ""}),
    "no data": ("append", {"run": "x", "epoch": 1, "at": 0, "t": 0, "data": "text"}),
    "codec": ("append", {"run": "x", "epoch": 1, "at": 0, "t": 0, "data": b"", "codec": "br"}),
    "bomb": ("append", {"run": "x", "epoch": 1, "at": 0, "t": 0, "data": zlib.compress(bytes(10**8)), "codec": "zlib"}),
    "no zlib": ("append", {"run": "x", "epoch": 1, "at": 0, "t": 0, "data": b"x", "codec": "zlib"}),
    "cut zlib": (
        "append",
        {"run": "x", "epoch": 1, "at": 0, "t": 0, "data": zlib.compress(b"x")[:-1], "codec": "zlib"},
    ),
    "t": ("append", {"run": "x", "epoch": 1, "at": 0, "t": "now", "data": b"x"}),
    "marks": ("append", {"run": "x", "epoch": 1, "at": 0, "t": 0, "data": b"x", "marks": [[9, 0, 1]]}),
    "events": ("event", {"run": "x", "epoch": 1, "events": []}),
    "kind": ("event", {"run": "x", "epoch": 1, "events": [{"seq": 0, "t": 0, "at": 0, "kind": "?"}]}),
    "large event": (
        "event",
        {"run": "x", "epoch": 1, "events": [{"seq": 0, "t": 0, "at": 0, "kind": "note", "text": "x" * 9000}]},
    ),
    "seq": (
        "event",
        {"run": "x", "epoch": 1, "events": [{"seq": n, "t": 0, "at": 0, "kind": "note"} for n in (0, 2)]},
    ),
    "no name": ("event", {"run": "x", "epoch": 1, "events": [{**METRIC, "name": []}]}),
    "half a character": ("event", {"run": "x", "epoch": 1, "events": [{**METRIC, "name": "\ud800"}]}),
    "no number": ("event", {"run": "x", "epoch": 1, "events": [{**METRIC, "name": "loss", "value": float("nan")}]}),
    "no time": ("append", {"run": "x", "epoch": 1, "at": 0, "t": 1e300, "data": b"x"}),
    "run and a line": ("seal", {"run": "x\n", "epoch": 1, "size": 0, "sha256": "0" * 64}),
    "sha256": ("seal", {"run": "x", "epoch": 1, "size": 0, "sha256": "X"}),
}


def test_malformed_requests_get_a_sentence(hub: Hub) -> None:
    with Publisher(hub) as publisher:
        for name, (event, data) in BAD_REQUESTS.items():
            error = publisher.call(event, data)["error"]
            assert error["code"] == "bad_request", name
            assert len(error["message"]) > 10, name
        publisher.open()
        publisher.append_all(b"and the connection still works")
        with Viewer(hub, publisher.token) as viewer:
            assert viewer.call("watch", {"from": "x"})["error"]["code"] == "bad_request"
    assert "Traceback" not in hub.log


NONSENSE = [
    '2/watch,["connect",{}]',
    '2/watch,["disconnect"]',
    '2/watch,["__class__",{}]',
    "3/watch,0[]",
    '51-/watch,["watch",{"_placeholder":true,"num":0}]',
    '599999-/publish,["append",{}]',
    "2/watch,[",
    "2/watch," + "[" * 50_000,
    "9",
    "",
    "x",
]


def test_whoever_sends_nonsense_is_cut_and_hurts_nobody(hub: Hub) -> None:
    with Publisher(hub) as publisher:
        publisher.open()
        with Viewer(hub, publisher.token) as viewer:
            for nonsense in NONSENSE:
                raw = connected_by_hand(hub)
                raw.send('40/watch,{"link":"' + publisher.token + '","protocol":1}')
                assert raw.recv()[:9] in ("40/watch,", b"40/watch,")
                raw.send("4" + nonsense if nonsense not in ("", "x") else nonsense)
                read_to_the_end(raw)
            publisher.append_all(b"still here")
            viewer.wait_for(lambda: viewer.output == b"still here", "the output")
    assert "Traceback" not in hub.log


def test_fragments_add_up_to_the_limit_of_a_message(hub: Hub) -> None:
    raw = connected_by_hand(hub)
    piece = "x" * 50_000
    with suppress(OSError):
        raw.send_frame(websocket.ABNF.create_frame(piece, websocket.ABNF.OPCODE_TEXT, 0))
        for _ in range(40):
            raw.send_frame(websocket.ABNF.create_frame(piece, websocket.ABNF.OPCODE_CONT, 0))
    read_to_the_end(raw)


def test_compression_of_messages_is_not_negotiated(hub: Hub) -> None:
    raw = connected_by_hand(hub, "Sec-WebSocket-Extensions: permessage-deflate")
    assert "sec-websocket-extensions" not in (raw.getheaders() or {})
    raw.send("1")
    read_to_the_end(raw)
