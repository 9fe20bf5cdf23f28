"""Whatever is lost, repeated, reordered or cut otherwise on its way: the store gets the same bytes."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.clients import sha256

from progress_hub import concurrency
from progress_hub.bus import Bus
from progress_hub.integrity import Integrity
from progress_hub.run import Gap
from progress_hub.runs import Runs
from progress_hub.store import Store
from progress_hub.wire import read_append, read_events, read_open, read_seal

OPEN = {"run": "r", "epoch": 0, "meta": {}, "links": [{"role": "view", "sha256": sha256(b"token")}]}


@contextmanager
def hub(directory: Path) -> Iterator[tuple[Runs, Integrity, Store]]:
    """The real runs on a real store, without sockets; leaving it loses what only the memory had."""
    threads = concurrency.load("threading")
    store = Store(directory / "hub.db", threads)
    runs = Runs(store, Bus(), threads)

    def settle() -> None:
        for outcomes in store.outcomes():
            runs.settle(outcomes)

    settling = threading.Thread(target=settle)
    settling.start()
    try:
        yield runs, Integrity(runs, store, threads), store
    finally:
        store.close()
        settling.join()


steps = st.lists(
    st.one_of(
        st.tuples(st.just("append"), st.integers(0, 3000), st.integers(0, 700), st.sampled_from(["", "zlib"])),
        st.tuples(st.just("resume"), st.just(0), st.integers(1, 700), st.just("")),
        st.tuples(st.just("event"), st.integers(0, 12), st.integers(1, 5), st.just("")),
        st.tuples(st.just("restart"), st.just(0), st.just(0), st.just("")),
    ),
    max_size=30,
)


def append(at: int, piece: bytes, codec: str) -> dict[str, object]:
    import zlib

    data = zlib.compress(piece) if codec else piece
    return {"run": "r", "epoch": 0, "at": at, "t": 0.0, "data": data, "codec": codec}


def events(first: int, count: int) -> dict[str, object]:
    listed = [{"seq": first + n, "t": 0.0, "at": 0, "kind": "note", "text": str(first + n)} for n in range(count)]
    return {"run": "r", "epoch": 0, "events": listed}


@settings(max_examples=40, deadline=None)
@given(truth=st.binary(min_size=1, max_size=3000), story=steps)
def test_the_same_bytes(truth: bytes, story: list[tuple[str, int, int, str]]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        story = [*story, ("restart", 0, 0, "")]
        while story:
            with hub(Path(directory)) as (runs, _integrity, store):
                run, _displaced = runs.open(read_open(OPEN), "publisher")
                while story:
                    kind, at, size, codec = story.pop(0)
                    if kind == "restart":
                        break
                    try:
                        if kind == "event":
                            runs.add_events(run, read_events(events(at, size)))
                        else:
                            start = run.end if kind == "resume" else at
                            runs.append(run, read_append(append(start, truth[start : start + size], codec)))
                    except Gap:
                        assert at > (run.events_end if kind == "event" else run.end)
                assert run.record.size <= run.end
                if run.record.size:
                    assert store.output("r", 0, run.record.size) == truth[: run.record.size]
        with hub(Path(directory)) as (runs, integrity, store):
            run, _displaced = runs.open(read_open(OPEN), "publisher")
            runs.append(run, read_append(append(run.end, truth[run.end :], "zlib")))
            integrity.seal(run, read_seal({"run": "r", "epoch": 0, "size": len(truth), "sha256": sha256(truth)}))
            assert run.record.complete
            assert run.record.lines == truth.count(b"\n")
            assert store.output("r", 0, len(truth)) == truth
            listed, torn = store.events("r", 0, run.record.events)
            assert not torn
            assert [f'"text":"{n}"' in body for n, body in enumerate(listed)] == [True] * run.record.events
