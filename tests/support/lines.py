"""Output that is lines with numbers, and when it was written."""

from __future__ import annotations

from tests.support.clients import Publisher


def numbered(first: int, last: int) -> bytes:
    """Lines with numbers, in a terminal's way."""
    return b"".join(b"line %d\r\n" % n for n in range(first, last + 1))


def texts(first: int, last: int) -> list[str]:
    """The same as the page has them."""
    return [f"line {n}" for n in range(first, last + 1)]


def append_at(publisher: Publisher, seconds: float, data: bytes) -> None:
    """Send output written so long after the start, and wait until it is durable."""
    end = publisher.end + len(data)
    publisher.append(publisher.end, data, t=seconds)
    publisher.wait_for(lambda: publisher.end >= end, "an ack")
