"""The files of the page on their way to the browser."""

from __future__ import annotations

import gzip
import re

from tests.support.hub import Hub

SMALL = 1000
"""Bytes of which little can be saved."""


def test_script_and_style_travel_compressed(hub: Hub) -> None:
    assets = re.findall(r'"(/assets/[^"]+\.(?:js|css))"', hub.get("/").decode())
    assert {name.rsplit(".")[-1] for name in assets} == {"js", "css"}
    for name in assets:
        packed = hub.get(name, Accept_Encoding="br, gzip")
        assert len(packed) < max(len(hub.get(name)) / 2, SMALL)
        assert gzip.decompress(packed) == hub.get(name)
