"""Plain text from terminal output, however it is cut."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progress_hub.text import PlainText


def plain(*pieces: bytes) -> str:
    text = PlainText()
    return "".join([*map(text.feed, pieces), text.end()])


@pytest.mark.parametrize(
    ("output", "shown"),
    [
        (b"one\r\ntwo\r\n", "one\ntwo\n"),
        (b"\x1b[1;31mred\x1b[0m and \x1b[4munder\x1b[24m\n", "red and under\n"),
        (b" 10%\r 50%\r100%\n", "100%\n"),
        (b"100%|####|\r 50%|##\n", " 50%|####|\n"),
        (b"downloading\r\x1b[Kdone\r\n", "done\n"),
        (b"downloading\x1b[2K\rdone\r\n", "done\n"),
        (b"abc\b\bX\n", "aXc\n"),
        (b"\x1b]0;title\x07text\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\\n", "textlink\n"),
        (b"\x1bP1$r0m\x1b\\after\x1b(B\x1b=\n", "after\n"),
        (b"unfinished \x1b]0;title\nnext\n", "unfinished \nnext\n"),
        ("█▉▏ 50%\r███ 99%\n".encode(), "███ 99%\n"),
        (b"\xff\xfe bytes\x00\x9b\n", "\ufffd\ufffd bytes\ufffd\n"),
        (b"tab\tkept", "tab\tkept"),
        (b"a prompt: ", "a prompt: "),
    ],
)
def test_as_a_terminal_shows_it(output: bytes, shown: str) -> None:
    assert plain(output) == shown


@given(
    st.lists(st.sampled_from([b"a", b"\r", b"\n", b"\x1b[K", b"\x1b[31m", b"\xe2\x96\x88", b"\x08", b"\x1b]0;t\x07"])),
    st.data(),
)
def test_cuts_change_nothing(parts: list[bytes], data: st.DataObject) -> None:
    output = b"".join(parts)
    cut = data.draw(st.integers(0, len(output)))
    assert plain(output[:cut], output[cut:]) == plain(output)


@pytest.mark.parametrize("unit", [b"\r", b"\x1b[", b"\x1b]", b"\x1b[2K", b"x\r", b"\x1b[1;1;1", b"\b", b"\x1bP\x1b"])
def test_hostile_lines_take_linear_time(unit: bytes) -> None:
    """Ten times the input in far less than a hundred times the time."""

    def seconds(size: int) -> float:
        started = time.process_time()
        plain(b"abc" * 10_000 + unit * (size // len(unit)) + b"\n")
        return time.process_time() - started

    assert seconds(500_000) < 40 * max(seconds(50_000), 0.005)
