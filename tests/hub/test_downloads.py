"""A run as one file to keep: a recording that plays anywhere, a page with its colours; whole also while it goes on."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.hub.test_http import get
from tests.support.clients import Publisher
from tests.support.hub import Hub

from progress_hub.cast import Cast
from progress_hub.html_copy import HtmlCopy
from progress_hub.text import PlainText
from progress_hub.timed import Timed

INFO = {"id": "run-1", "name": "train.py", "command": ["python3", "train.py"], "state": "running", "started": 1e9 + 0.5}
OUTPUT = st.lists(
    st.sampled_from(
        [b"a", b"&<>", "世😀".encode(), b"\n", b"\r\n", b"\r", b"\b", b"\x1b[1;31m", b"\x1b[0m", b"\x1b[K", b"\xff"]
    ),
    max_size=30,
).map(b"".join)


class Recording:
    """An asciicast, read as https://docs.asciinema.org/manual/asciicast/v3/ says."""

    def __init__(self, text: str) -> None:
        first, *rest = text.splitlines()
        self.header = json.loads(first)
        assert self.header["version"] == 3
        assert all(type(self.header["term"][name]) is int for name in ("cols", "rows"))
        self.events: list[tuple[float, str, str]] = []
        t = 0.0
        for interval, code, data in map(json.loads, rest):
            assert interval >= 0
            assert code in ("o", "i", "m", "r", "x")
            t += interval
            self.events.append((round(t, 6), code, data))

    @property
    def output(self) -> str:
        """All that was written."""
        return "".join(data for _t, code, data in self.events if code == "o")


class Page(HTMLParser):
    """An HTML page: its tags with their attributes, and its text by the tag that it is in first of all."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.output = ""
        self._inside = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """One more tag."""
        self.tags.append((tag, dict(attrs)))
        self._inside = self._inside or tag == "pre"

    def handle_endtag(self, tag: str) -> None:
        """The output ends with its tag."""
        self._inside = self._inside and tag != "pre"

    def handle_data(self, data: str) -> None:
        """Some text."""
        self.output += data if self._inside else ""


def timed(at: int, t: float, data: bytes, *marks: list[Any]) -> Timed:
    return Timed(at, at + len(data), t, json.dumps(marks) if marks else None, data)


def recorded(*pieces: Timed, pty: bool = True, **info: Any) -> Recording:
    cast = Cast()
    return Recording(
        cast.begin({**INFO, "pty": pty, **info}) + "".join(cast.feed([each]) for each in pieces) + cast.end([])
    )


def html(*pieces: bytes) -> str:
    copy = HtmlCopy()
    return copy.begin(INFO) + "".join(map(copy.feed, pieces)) + copy.end()


# --- .cast


def test_a_recording_has_the_times_of_the_marks() -> None:
    recording = recorded(timed(0, 1.0, b"one two", [0, 1.0, 1], [4, 1.5, 2]), timed(7, 3.25, b"three"))
    assert recording.events == [(1.0, "o", "one "), (1.5, "o", "two"), (3.25, "o", "three")]
    assert recording.header["timestamp"] == 10**9
    assert recording.header["command"] == "python3 train.py"


def test_times_do_not_drift_and_never_go_back() -> None:
    recording = recorded(*(timed(n, n / 3, b"x") for n in range(30_000)), timed(30_000, 1.0, b"y"))
    assert recording.events[29_999][0] == pytest.approx(29_999 / 3, abs=1e-3)
    assert recording.events[-1][0] == recording.events[-2][0]


@settings(deadline=None)
@given(OUTPUT, st.data())
def test_a_recording_is_the_output_however_it_is_cut(output: bytes, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(output)))
    recording = recorded(timed(0, 0.0, output[:cut]), timed(cut, 1.0, output[cut:]))
    assert recording.output == output.decode(errors="replace")


def test_bare_newlines_return_where_no_terminal_saw_to_it() -> None:
    assert recorded(timed(0, 0, b"a\nb\r"), timed(4, 0, b"\nc\r\nd"), pty=False).output == "a\r\nb\r\nc\r\nd"


def test_sizes_come_where_they_changed() -> None:
    cast = Cast()
    text = cast.begin({**INFO, "pty": True, "cols": 100, "rows": 30})
    cast.resizes += [{"at": 3, "t": 0.5, "cols": 120, "rows": 40}, {"at": 9, "t": 2.0, "cols": "wide", "rows": 1}]
    text += cast.feed([timed(0, 0.0, b"one"), timed(3, 1.0, b"two")]) + cast.end(
        [{"t": 2.0, "code": None, "signal": 9}]
    )
    recording = Recording(text)
    assert recording.header["term"] == {"cols": 100, "rows": 30}
    assert recording.events == [(0.0, "o", "one"), (0.5, "r", "120x40"), (1.0, "o", "two"), (2.0, "x", "137")]


# --- .html


@settings(deadline=None)
@given(OUTPUT, st.data())
def test_a_page_has_the_text_that_txt_has_however_it_is_cut(output: bytes, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(output)))
    plain = PlainText()
    text = plain.feed(output) + plain.end()
    shown = Page(html(output[:cut], output[cut:])).output
    assert [line.rstrip(" ") for line in shown.split("\n")] == [line.rstrip(" ") for line in text.split("\n")]


@pytest.mark.parametrize(
    ("output", "css"),
    [
        (b"\x1b[31mred", "color:var(--c1)"),
        (b"\x1b[1;97;104mx", "font-weight:bold;color:var(--c15);background:var(--c12)"),
        (b"\x1b[38;5;196mx", "color:#ff0000"),
        (b"\x1b[48;2;1;2;300mx", "background:#0102ff"),
        (b"\x1b[38:2::1:2:3mx", "color:#010203"),
        (b"\x1b[7mx", "color:var(--paper);background:var(--ink)"),
        (b"\x1b[4;9mx", "text-decoration:underline line-through"),
        (b"\x1b[38;5;244mgrey\rx", "color:#808080"),
    ],
)
def test_colours_are_kept(output: bytes, css: str) -> None:
    assert f'<span style="{css}">' in html(output)


def test_colours_go_on_over_lines_and_end_where_they_end() -> None:
    page = html(b"\x1b[31mred\nred\x1b[0m plain\n")
    assert page.count('<span style="color:var(--c1)">red</span>') == 2
    assert "</span> plain\n</pre>" in page


def test_output_can_add_nothing_to_the_page() -> None:
    hostile = b'</pre><script>alert(1)</script><img src=x onerror="x">\x1b[38;5;1;"onload=x m\x1b]0;<b>\x07\x00&amp;'
    named = HtmlCopy().begin({**INFO, "name": "</title><script>", "command": ["<script>"]})
    page = Page(html(hostile) + named)
    assert {tag for tag, _ in page.tags} <= {"html", "meta", "title", "style", "h1", "p", "pre", "span"}
    assert all(set(attributes) <= {"style"} for tag, attributes in page.tags if tag == "span")
    assert "<script>alert(1)</script>" in page.output
    assert "&amp;" in page.output


# --- the routes


@pytest.fixture
def publisher(hub: Hub) -> Iterator[Publisher]:
    with Publisher(hub) as publisher:
        publisher.open()
        yield publisher


def test_a_recording_comes_while_the_run_goes_on(hub: Hub, publisher: Publisher) -> None:
    publisher.append(0, b"one\r\n", t=1.0)
    publisher.event({"kind": "resize", "cols": 120, "rows": 40, "t": 1.5, "at": 5})
    with get(hub, f"/r/{publisher.token}.cast") as response:
        header = response.readline()
        assert json.loads(header)["term"] == {"cols": 80, "rows": 24}
        assert json.loads(response.readline()) == [1.0, "o", "one\r\n"]
        publisher.append(5, b"two", t=2.0)
        assert json.loads(response.readline()) == [0.5, "r", "120x40"]
        assert json.loads(response.readline()) == [0.5, "o", "two"]
        publisher.event({"kind": "exit", "code": 3, "signal": None, "t": 2.5})
        assert publisher.seal(b"one\r\ntwo")["complete"]
        assert json.loads(response.read()) == [0.5, "x", "3"]


def test_a_page_comes_while_the_run_goes_on(hub: Hub, publisher: Publisher) -> None:
    publisher.append_all(b"\x1b[32mone\x1b[0m\r\n")
    with get(hub, f"/r/{publisher.token}.html") as response:
        assert "default-src 'none'" in (response.getheader("Content-Security-Policy") or "")
        begun = b""
        while b"one" not in begun:
            begun += response.readline()
        publisher.append_all(b"two\r\n")
        assert response.readline() == b"two\n"
        publisher.seal(b"\x1b[32mone\x1b[0m\r\ntwo\r\n")
        assert response.read() == b"</pre>\n</html>\n"


@pytest.mark.parametrize("ending", ["txt", "ansi", "cast", "html"])
def test_a_file_to_keep_has_a_name_and_is_done_while_the_run_goes_on(
    hub: Hub, publisher: Publisher, ending: str
) -> None:
    publisher.append_all(b"one\n")
    with get(hub, f"/r/{publisher.token}.{ending}") as response:
        assert response.getheader("Content-Disposition") is None
    with get(hub, f"/r/{publisher.token}.{ending}?download=1") as response:
        name = re.fullmatch('attachment; filename="(.*)"', response.getheader("Content-Disposition") or "")
        assert name
        assert name[1] == f"{publisher.run}.{ending}"
        assert b"one" in response.read()


def test_ranges_of_a_run_that_is_complete_may_be_kept(hub: Hub, publisher: Publisher) -> None:
    publisher.append_all(b"0123456789")
    path = f"/r/{publisher.token}/output"
    with get(hub, f"{path}?from=2&to=4") as response:
        assert response.getheader("Cache-Control") == "no-store"
    publisher.seal(b"0123456789")
    with get(hub, f"{path}?from=2&to=4") as response:
        assert "immutable" in (response.getheader("Cache-Control") or "")
        assert response.read() == b"23"
    with get(hub, path) as response:
        assert response.getheader("Cache-Control") == "no-store"
