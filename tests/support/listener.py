"""Somebody who listens on the way to a hub: a toxic of the proxy in tests/faults that keeps all that passes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

from tests.faults.proxy import UPSTREAM, Flow, Toxic


class Listener(Toxic):
    """Keeps what is said on each connection, in either direction."""

    def __init__(self) -> None:
        self._flows: dict[Flow, bytearray] = {}

    async def pour(self, flow: Flow, data: bytes) -> AsyncIterator[bytes]:
        """As it comes."""
        self._flows.setdefault(flow, bytearray()).extend(data)
        yield data

    @property
    def heard(self) -> bytes:
        """All of it, the frames of WebSockets unmasked."""
        return b"\n".join(b"".join(_said(flow, bytes(data))) for flow, data in list(self._flows.items()))


def _said(flow: Flow, data: bytes) -> Iterator[bytes]:
    """What a client or a server has said; only clients mask it, behind their request (RFC 6455, section 5)."""
    request, _, frames = data.partition(b"\r\n\r\n")
    if flow.stream != UPSTREAM or b"Upgrade: websocket" not in request:
        yield data
        return
    yield request
    while len(frames) >= 2:
        short = frames[1] & 0x7F
        head = {126: 4, 127: 10}.get(short, 2)
        size = int.from_bytes(frames[2:head], "big") if head > 2 else short
        mask, payload = frames[head : head + 4], frames[head + 4 : head + 4 + size]
        yield bytes(byte ^ mask[place % 4] for place, byte in enumerate(payload))
        frames = frames[head + 4 + size :]
