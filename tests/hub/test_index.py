"""What is found out of output: lines, times, what only a terminal can draw, and the style in force."""

from __future__ import annotations

import json
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from progress_hub.density import Density
from progress_hub.index import STRETCH_BYTES, Index, Stretch
from progress_hub.scan import Scanner
from progress_hub.timed import Timed


def scanned(*pieces: bytes) -> Scanner:
    scanner = Scanner()
    for piece in pieces:
        scanner.feed(piece)
    return scanner


def indexed(pieces: Iterable[bytes], seconds: float = 1.0) -> Index:
    """Of pieces each of which was written `seconds` after the one before; stored and restored on the way."""
    index, at = Index(), 0
    for number, data in enumerate(pieces):
        index.take([Timed(at, at + len(data), number * seconds, None, data)])
        at += len(data)
        index = Index.restore(index.size, index.stretches, json.loads(json.dumps(index.state())))
    return index


@pytest.mark.parametrize(
    "plain",
    [
        b"one\ttwo\r\n 50%\r100%\r\nabc\b\b",
        "Grüße, 世界 – ✓\n".encode(),
        b"\x1b[1;38;2;1;2;3mred\x1b[0m \x1b[38:5:9mx\x1b[m\x1b[K\x1b[2K\n",
        b"\x1b]0;title\x07\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\\n",
        b"\xff\xfe not UTF-8 \xc2",
    ],
)
def test_text_and_colours_are_not_drawn(plain: bytes) -> None:
    assert not scanned(plain).drawn
    assert not scanned(*(plain[at : at + 1] for at in range(len(plain)))).drawn


@pytest.mark.parametrize(
    "drawn",
    [
        b"\x1b[2A",
        b"\x1b[H",
        b"\x1b[J",
        b"\x07",
        b"\x00",
        b"\x1bM",
        b"\x1bP1$r0m\x1b\\",
        b"\xc2\x9b2A",
        b"\x1b[>4;1m",
        b"\x1b[",
    ],
)
def test_whatever_else_is_there_is_drawn(drawn: bytes) -> None:
    for scanner in (scanned(b"text " + drawn + b" text"), scanned(*(b"%c" % byte for byte in drawn + b" text"))):
        assert scanner.drawn


@pytest.mark.parametrize(
    ("enter", "leave"),
    [
        (b"\x1b[?1049h", b"\x1b[?1049l"),
        (b"\x1b[2;20r", b"\x1b[r"),
        (b"\x1b(0", b"\x1b(B"),
        (b"\x0e", b"\x0f"),
        (b"\x1b[4h", b"\x1b[4l"),
        (b"\x1b[?6h", b"\x1b[!p"),
        (b"\x1b[?25;7l", b"\x1b[?7h"),
        (b"\x1b[?47h", b"\x1bc"),
        (b"\x1b]0;a title that is not", b" ended before\x07"),
        (b"\x1bPdata \x07", b"\x1b\\"),
    ],
)
def test_what_follows_is_drawn_while_a_mode_is_in_force(enter: bytes, leave: bytes) -> None:
    scanner = scanned(b"before\n" + enter)
    scanner.cut()
    assert scanner.drawn
    scanner.feed(leave)
    scanner.cut()
    scanner.feed(b"plain again\n")
    assert not scanner.drawn


@pytest.mark.parametrize(
    ("output", "style"),
    [
        (b"\x1b[1m\x1b[31mx", "\x1b[1;31m"),
        (b"\x1b[31mx\x1b[39m", ""),
        (b"\x1b[31mx\x1b[0;1m", "\x1b[1m"),
        (b"\x1b[31ma\x1b[32mb\x1b[31mc", "\x1b[31m"),
        (b"\x1b[31ma\x1b[0mb\x1b[31mc\x1b[0m", ""),
        (b"\x1b[38;5;0;4mx", "\x1b[38;5;0;4m"),
        (b"\x1b[48;2;1;2;3m\x1b[4:3m\x1b[58:5:1m", "\x1b[48;2;1;2;3;4:3;58:5:1m"),
        (b"\x1b[1;2;22;3m\x1b[4m\x1b[4:0m", "\x1b[3m"),
        (b"\x1b[33m\x1b7\x1b[0;35m\x1b8", "\x1b[33m"),
        (b"\x1b[33m\x1bcx", ""),
        (b"\x1b[;m\x1b[01;31m", "\x1b[01;31m"),
        (b"\x1b[38;5m\x1b[7m", "\x1b[38;5;0;7m"),
    ],
)
def test_the_style_in_force(output: bytes, style: str) -> None:
    assert scanned(output).style.sequence() == style
    assert scanned(*(output[at : at + 1] for at in range(len(output)))).style.sequence() == style


PARTS = st.sampled_from(
    [b"text", b"\n", b"\r", b"\x1b[31m", b"\x1b[0m", b"\x1b[39;1m", b"\x1b[2A", b"\x1b]0;t\x07", b"\x1b]0;t\x1b\\",
     b"\x1b7", b"\x1b8", b"\x1b[?7l", b"\x1b[?7h", "ü世".encode(), b"\xc2\x9b"]
)  # fmt: skip


@pytest.mark.parametrize(
    ("output", "modes"),
    [
        (b"plain \x1b[31mred\n", ""),
        (b"\x1b[?1049h\x1b[?25l\x1b[2;20r", "\x1b[?1049h\x1b[?25l\x1b[2;20r"),
        (b"\x1b[2;20r\x1b[?1049h\x1b[2;20r", "\x1b[?1049h\x1b[2;20r"),
        (b"\x1b[?7;6h\x1b[?7l\x1b[4h\x1b[4l\x1b(0\x0e\x0f", "\x1b[?6h\x1b[?7l\x1b(0"),
        (b"\x1b[?47h\x1b(0\x1b[!p", "\x1b[?47h"),
        (b"\x1b[?1049h\x1bc", ""),
    ],
)
def test_the_modes_in_force(output: bytes, modes: str) -> None:
    assert scanned(output).modes == modes


def test_a_hidden_cursor_changes_no_text() -> None:
    scanner = scanned(b"\x1b[?25l")
    scanner.cut()
    assert not scanner.drawn


@settings(deadline=None)
@given(st.lists(PARTS, max_size=20), st.data())
def test_it_does_not_matter_how_output_is_cut(parts: list[bytes], data: st.DataObject) -> None:
    output = b"".join(parts)
    cut = data.draw(st.integers(0, len(output)))
    whole, halves = scanned(output), scanned(output[:cut], output[cut:])
    assert (halves.drawn, halves.state()) == (whole.drawn, whole.state())


def test_a_stretch_ends_with_the_first_line_that_passes_256_kib() -> None:
    line = b"x" * 99 + b"\n"
    index = indexed([line * 1000] * 8)
    assert index.size == 800_000
    starts = [0, 262_200, 524_300, 786_500]
    assert [(each.at, each.line, each.t) for each in index.stretches] == [
        (at, at // 100, float(at // 100_000)) for at in starts
    ]


def test_output_without_newlines_is_one_stretch() -> None:
    index = indexed([b" 50%\r" * 100_000] * 2 + [b"done\nnext line"])
    assert [(each.at, each.line) for each in index.stretches] == [(0, 0), (1_000_005, 1)]


def test_a_stretch_knows_its_style_and_whether_it_is_drawn() -> None:
    block = b"x" * STRETCH_BYTES + b"\n"
    index = indexed(prefix + block for prefix in (b"", b"\x1b[31m", b"", b"\x1b[2A", b"\x1b[?7l", b""))
    red = "\x1b[31m"
    found = [(each.drawn, each.style) for each in index.stretches]
    assert found == [(False, ""), (False, ""), (False, red), (True, red), (True, red), (True, red)]


@settings(deadline=None)
@given(st.lists(st.integers(1, 300_000), max_size=8))
def test_the_index_does_not_depend_on_how_output_came(cuts: list[int]) -> None:
    output = b"".join(b"line %d \x1b[3%dm coloured\x1b[0m\n" % (n, n % 8) for n in range(30_000))
    pieces, at = [], 0
    for size in [*cuts, len(output)]:
        pieces.append(output[at : at + size])
        at += size
    whole, parts = indexed([output], 0.0), indexed(pieces, 0.0)
    assert parts.stretches == whole.stretches
    second = output.index(b"\n", STRETCH_BYTES) + 1
    assert whole.stretches[1] == Stretch(second, output.count(b"\n", 0, second), 0.0, False, "", "")


def test_density_stays_small_and_counts_every_byte() -> None:
    density, at = Density(), 0
    for t in range(100_000):
        density.add(at, float(t), 10)
        at += 10
    density.add(at, 200_000.0, 5)
    assert len(density.state()["bytes"]) <= 4096
    assert sum(density.over(200_000.0, 4)) == 1_000_005
    first, second, third, last = density.over(200_000.0, 4)
    assert first == pytest.approx(500_000, rel=0.001)
    assert second == pytest.approx(500_000, rel=0.001)
    assert third < 1000, "no more than the buckets at the border hold"
    assert last == 5
    assert density.silences == [(99_999.0, 100_001.0, 1_000_000)]


def test_the_longest_silences_are_kept() -> None:
    density, t = Density(), 0.0
    for number in range(500):
        t += 10 + number
        density.add(number, t, 1)
    silences = density.silences
    assert len(silences) == 200
    assert min(seconds for _t, seconds, _at in silences) == 310
    assert silences == sorted(silences)
