"""What the libraries below the hub would do, were they let: see also test_hostile*.py and test_access.py."""

from __future__ import annotations

import base64
import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from tests.support.clients import Publisher, Viewer
from tests.support.hostile import RawPolling, RawWebSocket
from tests.support.hub import START_SECONDS, Hub, environment

from progress_hub import concurrency, hardening
from progress_hub.store import Store
from progress_run import protocol


def test_taking_in_large_frames_costs_little(own_hub: Hub) -> None:
    """Unmasking 60 MB byte by byte takes 10 to 40 seconds of the processor, all the rest together takes 3."""
    spent = psutil.Process(own_hub.process.pid).cpu_times
    with Publisher(own_hub) as publisher:
        publisher.open()
        before = spent().user
        publisher.append_all(bytes(60_000_000), 65536)
        assert spent().user - before < 7


def test_the_order_of_appends_is_kept(hub: Hub) -> None:
    """Those that take long to unpack are not overtaken by short ones."""
    large, at = os.urandom(protocol.CHUNK_BYTES // 2) + bytes(protocol.CHUNK_BYTES // 2), 0
    with Publisher(hub) as publisher:
        publisher.open()
        for _ in range(100):
            publisher.append(at, large, "zlib")
            publisher.append(at + len(large), b"x")
            at += len(large) + 1
            publisher.wait_for(lambda at=at: publisher.end == at or publisher.needs, "an answer")
            assert publisher.needs == []


def test_both_transports_at_once_and_text_alone(hub: Hub) -> None:
    data = os.urandom(50_000)
    with Publisher(hub) as publisher:
        publisher.open()
        polling = RawPolling(hub, publisher.token)
        with RawWebSocket(hub).join(publisher.token) as raw, Viewer(hub, publisher.token) as viewer:
            raw.watch()
            polling.post('42/watch,["watch",{"from":0,"events_from":0}]')
            publisher.append_all(data)
            viewer.wait_for(lambda: viewer.output == data, "the output")
            assert base64.b64encode(data[:1000])[:-4] in raw.read_until(base64.b64encode(data[:1000])[:-4])
            packets = b""
            while b'"output"' not in packets:
                packets = polling.get()
            assert not [packet for packet in packets.split(b"\x1e") if packet.startswith(b"b")]


def test_a_post_of_too_many_packets_is_not_taken_for_delivered(hub: Hub) -> None:
    polling = RawPolling(hub)
    polling.post("40/publish," + json.dumps({"key": hub.key, "protocol": protocol.PROTOCOL}))
    polling.get()
    links = [{"role": "view", "sha256": "0" * 64}]
    opening = {"run": "too-many", "epoch": 1, "meta": {}, "links": links}
    polling.post("42/publish,1" + json.dumps(["open", opening]))
    answer = b""
    while b"43/publish,1" not in answer:
        answer = polling.get()
    event = {"t": 0, "at": 0, "kind": "note", "text": "x"}
    packets = [
        "42/publish," + json.dumps(["event", {"run": "too-many", "epoch": 1, "events": [{**event, "seq": seq}]}])
        for seq in range(17)
    ]
    polling.post(*packets)
    polling.post("42/publish,2" + json.dumps(["open", opening]))
    answer = b""
    while b"43/publish,2" not in answer:
        answer = polling.get()
        assert b'"ack"' not in answer  # whatever the POST was answered
    assert b'"events_end":0' in answer
    polling.post(*packets[:16])
    while b'"events_end":16' not in answer:
        answer = polling.get()


def test_readers_of_the_store_cannot_write(tmp_path: Path) -> None:
    store = Store(tmp_path / "hub.db", concurrency.load("threading"))
    with pytest.raises(OperationalError, match="readonly"):
        store._read(lambda connection: connection.execute(text("DELETE FROM runs")))
    store.close()
    with sqlite3.connect(tmp_path / "hub.db") as other:
        assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    other.close()


def test_one_file_names_eventlet() -> None:
    root = Path(hardening.__file__).parent
    assert [path.name for path in root.rglob("*.py") if "import eventlet" in path.read_text()] == ["concurrency.py"]


def create_app_after(change: str, mode: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Make the application in a process of its own, with the libraries changed before."""
    program = f"""
import logging, os, pathlib, sys
from progress_hub import hardening, outbox
{change}
from progress_hub.app import create_app
from progress_hub.settings import Settings
logging.basicConfig()
create_app(Settings(data=pathlib.Path({str(folder)!r}), async_mode={mode!r})).extensions["progress_hub"].store.close()
sys.stderr.flush()
os._exit(0)
"""
    command = [sys.executable, "-c", program]
    return subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=START_SECONDS)


@pytest.mark.parametrize(("mode", "library"), [("eventlet", "eventlet"), ("threading", "simple-websocket")])
def test_other_versions_of_the_libraries_are_spoken_of(tmp_path: Path, mode: str, library: str) -> None:
    done = create_app_after("hardening.WRITTEN_FOR = dict.fromkeys(hardening.WRITTEN_FOR, '0.0.')", mode, tmp_path)
    assert done.returncode == 0, done.stderr
    assert "python-engineio" in done.stderr
    assert library in done.stderr


def test_a_library_that_works_otherwise_is_not_served_with(tmp_path: Path) -> None:
    done = create_app_after("outbox.Outbox.drop = lambda _self: None", "threading", tmp_path)
    assert done.returncode == 1
    assert "RuntimeError: This version of engineio" in done.stderr
