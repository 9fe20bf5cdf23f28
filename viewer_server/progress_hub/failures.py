"""Wrong links and keys, counted by address: a flood of them is answered shortly. Right ones pass whatever was counted.

Nobody guesses 128 random bits at any rate: this keeps the hub's time and log for others (docs/adr/0044).
"""

from __future__ import annotations

import ipaddress
import threading
import time
from collections import OrderedDict

ADDRESSES = 4096
"""How many are remembered; whoever was wrong last displaces whose turn is longest ago."""
RETRY_SECONDS = 60
TOO_MANY = "Too many wrong links or keys came from your address; a right one is let in at any time, wait before others."


class Failures:
    """How often each address was wrong, which wears off by `per_minute`; 0 allows any number."""

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._lock = threading.Lock()
        self._counts: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def too_many(self, address: str) -> bool:
        """Count one more of an address; whether there have been too many."""
        if not self._per_minute:
            return False
        now, whose = time.monotonic(), neighbourhood(address)
        with self._lock:
            count, counted = self._counts.pop(whose, (0.0, now))
            left = max(0.0, count - (now - counted) * self._per_minute / 60)
            exceeded = left + 1 > self._per_minute
            self._counts[whose] = (left if exceeded else left + 1), now
            if len(self._counts) > ADDRESSES:
                self._counts.popitem(last=False)
        return exceeded

    def __len__(self) -> int:
        """How many addresses are remembered."""
        return len(self._counts)


def neighbourhood(address: str) -> str:
    """Whom an address stands for: with IPv6 everybody has 2^64 of them."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    return str(found.ipv4_mapped or ipaddress.ip_network((found, 64), strict=False))
