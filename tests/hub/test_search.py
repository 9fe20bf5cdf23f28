"""Searching a run: what is found, where, how it goes on, and what it may cost."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.clients import Publisher
from tests.support.hub import Hub

from progress_hub.search import BadPattern, Search, compiled, shown
from progress_hub.text import PlainText


def found(output: bytes, query: str, *, case: bool = True, regex: bool = False) -> list[tuple[int, int, list[str]]]:
    """The line's number and offset of each hit, and what has matched."""
    search = Search(compiled(query, case=case, regex=regex), 0, 0)
    hits = [*search.feed(output), *search.end()]
    return [(hit.line, hit.at, [_slice(hit.text, *span) for span in hit.spans]) for hit in hits]


def _slice(text: str, start: int, end: int) -> str:
    return text.encode("utf-16-le")[2 * start : 2 * end].decode("utf-16-le")


@pytest.mark.parametrize(
    ("output", "query", "expected"),
    [
        (b"one\ntwo\none two one\n", "one", [(1, 0, ["one"]), (3, 8, ["one", "one"])]),
        (b"\x1b[31mEr\x1b[1mror\x1b[0m here\r\n", "Error", [(1, 0, ["Error"])]),
        (b"one\n 50%\r100%\r\nlast", "100%", [(2, 4, ["100%"])]),
        (b"one\n 50%\r100%\r\nlast", "last", [(3, 15, ["last"])]),
        ("😀 grün\n".encode(), "grün", [(1, 0, ["grün"])]),
        (b"a.c abc\n", "a.c", [(1, 0, ["a.c"])]),
        (b"no newline a\nb", "a\nb", []),
    ],
)
def test_plain_text_is_found_as_it_is_shown(output: bytes, query: str, expected: list[Any]) -> None:
    assert found(output, query) == expected


@pytest.mark.parametrize(
    ("query", "case", "expected"),
    [
        ("^[EW]:", True, ["E:", "W:"]),
        (r"\d+$", True, ["12"]),
        ("e: OR", False, []),
        ("e:", False, ["E:"]),
        (r"[^x]+disk[^x]+", True, ["E: no disk 12"]),
        ("x*", True, []),
        (r"(?s)disk.*fine", True, []),
    ],
)
def test_expressions_match_within_a_line(query: str, case: bool, expected: list[str]) -> None:
    output = b"E: no disk 12\nW: it is fine\n  E-\n"
    assert [text for _line, _at, texts in found(output, query, case=case, regex=True) for text in texts] == expected


@pytest.mark.parametrize("query", ["", "(", "a" * 1001])
def test_what_is_no_expression_is_refused_with_a_reason(query: str) -> None:
    with pytest.raises(BadPattern, match=r"\.$"):
        compiled(query, case=True, regex=True)


def test_of_a_long_line_what_is_around_the_match_is_shown() -> None:
    output = ("ü" * 5000 + "needle 😀 needle" + "ü" * 5000).encode()
    hit = Search(compiled("needle", case=True, regex=False), 0, 0).feed(output + b"\n")[0]
    assert len(hit.text) <= 400
    assert [_slice(hit.text, *span) for span in hit.spans] == ["needle", "needle"]
    assert "\ufffd" not in hit.text


@settings(deadline=None)
@given(st.lists(st.sampled_from([b"x", b"needle", b"\n", b"\r\n", b"\r", b"\x1b[31m"]), max_size=30), st.data())
def test_it_does_not_matter_how_output_is_cut(parts: list[bytes], data: st.DataObject) -> None:
    output = b"".join(parts)
    cut = data.draw(st.integers(0, len(output)))
    pattern = compiled("needle", case=True, regex=False)
    whole, halves = Search(pattern, 0, 0), Search(pattern, 0, 0)
    expected = [*whole.feed(output), *whole.end()]
    assert [*halves.feed(output[:cut]), *halves.feed(output[cut:]), *halves.end()] == expected
    text = PlainText()
    lines = (text.feed(output) + text.end()).split("\n")
    assert [hit.line for hit in expected] == [number for number, line in enumerate(lines, 1) if "needle" in line]
    assert shown(output).decode().split("\n") == lines


# --- the route


@pytest.fixture
def publisher(hub: Hub) -> Iterator[Publisher]:
    with Publisher(hub) as publisher:
        publisher.open()
        yield publisher


def search(hub: Hub, publisher: Publisher, **query: Any) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The hits, and the last line."""
    lines = [json.loads(line) for line in hub.get(f"/r/{publisher.token}/search?{urlencode(query)}").splitlines()]
    assert lines[-1]["done"] is True
    return [line for line in lines if "line" in line], lines[-1]


def test_a_run_is_searched_from_any_place_while_it_goes_on(hub: Hub, publisher: Publisher) -> None:
    line = b"%06d nothing\n"
    output = b"".join(line % number for number in range(60_000)) + b"an Error\nunfinished err"
    publisher.append_all(output)
    hits, last = search(hub, publisher, q="err")
    assert [(hit["line"], hit["text"], hit["spans"]) for hit in hits] == [
        (60_001, "an Error", [[3, 6]]),
        (60_002, "unfinished err", [[11, 14]]),
    ]
    assert last == {"done": True, "count": 2, "limited": False, "to": output.index(b"unfinished")}
    publisher.append_all(b"or\nerr\n")
    hits, last = search(hub, publisher, q="err", **{"from": last["to"]})
    assert [hit["text"] for hit in hits] == ["unfinished error", "err"]
    assert [hit["line"] for hit in hits] == [60_002, 60_003]
    assert last["to"] == len(output) + 7
    assert search(hub, publisher, q="err", case=1)[1]["count"] == 2
    part = {"from": line_start(output, 30_000), "to": line_start(output, 30_002)}
    assert [hit["line"] for hit in search(hub, publisher, q="nothing", **part)[0]] == [30_001, 30_002]


def line_start(output: bytes, number: int) -> int:
    return number * (output.index(b"\n") + 1)


def test_a_search_ends_when_it_has_found_enough(hub: Hub, publisher: Publisher) -> None:
    publisher.append_all(b"match\n" * 10)
    hits, last = search(hub, publisher, q="match", limit=4)
    assert [hit["line"] for hit in hits] == [1, 2, 3, 4]
    assert (last["count"], last["limited"]) == (4, True)
    hits, last = search(hub, publisher, q="match", limit=10, **{"from": last["to"]})
    assert [hit["line"] for hit in hits] == [5, 6, 7, 8, 9, 10]


def test_what_is_damaged_is_left_out(hub: Hub, publisher: Publisher) -> None:
    for at, line in ((0, b"match 1\n"), (8, b"match 2\n"), (16, b"match 3\n")):
        publisher.append(at, line)
    publisher.wait_for(lambda: publisher.end == 24, "an ack")
    with closing(sqlite3.connect(hub.data / "hub.db")) as other, other:
        other.execute("UPDATE chunks SET data = x'00' WHERE at = 8 AND run = ?", [publisher.run])
    assert [hit["text"] for hit in search(hub, publisher, q="match")[0]] == ["match 1", "match 3"]


@pytest.mark.parametrize("query", ["q=", "q=(&regex=1", "q=a&limit=100001", "q=a&from=x", f"q={'a' * 1001}"])
def test_queries_that_make_no_sense(hub: Hub, publisher: Publisher, query: str) -> None:
    assert hub.status(f"/r/{publisher.token}/search?{query}") == 400


@pytest.mark.parametrize("mode", ["eventlet", "threading"])
def test_a_search_that_takes_long_is_ended_and_the_hub_answers_meanwhile(mode: str) -> None:
    hostile = b"\x1b[1A\r\b\x07" * 8000 + b"\n"
    with Hub(mode, "--search-seconds", "2") as hub, Publisher(hub) as publisher:
        publisher.open()
        publisher.append_all(hostile * 200, codec="zlib")
        answers: list[Any] = []
        asking = threading.Thread(target=lambda: answers.append(search(hub, publisher, q="(a?){50}b", regex=1)))
        asking.start()
        answered = 0
        while asking.is_alive():
            hub.get("/healthz")
            answered += 1
        assert answers[0][1]["limited"]
        assert answered > 10  # in turns with the search, it would be one or two
