"""What stands in each line when the pen is lifted from it, whatever sequences drew it."""

import pytest

from progress_run.recognise.screen import Row, Screen, Why


def lines(output: str, cols: int = 20, rows: int = 5) -> list[str]:
    """The rows that were handed over, those that wrapped marked with ↩, and the lines a newline ended, with ⏎."""
    read: list[str] = []

    def on_row(_: Row, text: str, why: Why) -> None:
        if why != "ended":
            read.append(text + "↩" * (why == "wrapped"))

    screen = Screen(cols, rows, on_row, lambda line: read.append(f"{line}⏎"), lambda text: read.append(f"OSC {text}"))
    *whole, rest = output.split("\n")
    for line in whole:
        screen.line(line)
    screen.write(rest)
    screen.lift()
    return read


@pytest.mark.parametrize(
    ("output", "read"),
    [
        ("one\r\ntwo\n", ["one⏎", "two⏎"]),
        ("\x1b[1;31mred\x1b[0m\r\n", ["red⏎"]),
        ("12%\r45%", ["12%", "45%"]),
        ("longer\rshort\r", ["longer", "shortr"]),
        ("abc\b\bX", ["abc", "aXc"]),
        ("a\tb", ["a       b"]),
        ("first\r\x1b[2Ksecond", ["first", "second"]),
        ("abcdef\x1b[3D\x1b[K", ["abcdef"]),
        ("abcdef\x1b[3D\x1b[KX", ["abcdef", "abcX"]),
        ("abcdef\x1b[2D\x1b[1KX", ["abcdef", "    Xf"]),
        ("up\r\ndown\x1b[A!", ["up⏎", "down", "up  !"]),
        ("up\r\ndown\x1b[Fend", ["up⏎", "down", "end"]),
        ("a\x1b[Eb\x1b[Ec", ["a", "b", "c"]),
        ("abc\x1b[2GX", ["abc", "aXc"]),
        ("\x1b[3;4Hplace\x1b[2dabove", ["   place", "        above"]),
        ("\x1b7x\x1b[5;1Hstatus\x1b8y", ["x", "status", "y"]),
        ("\x1b[sx\x1b[5;1Hstatus\x1b[uy", ["x", "status", "y"]),
        ("a\r\nb\r\nc\x1b[2;1H\x1b[JX\x1b[3;1HY", ["a⏎", "b⏎", "c", "X", "Y"]),
        ("abcdef\r\x1b[2PX", ["abcdef", "Xdef"]),
        ("abcdef\r\x1b[2@X", ["abcdef", "X abcdef"]),
        ("abcdef\r\x1b[2XX", ["abcdef", "X cdef"]),
        ("a\r\nb\x1b[1;1H\x1b[Lnew\x1b[2;1H!", ["a⏎", "b", "new", "!"]),
        ("a\r\nb\x1b[1;1H\x1b[M!", ["a⏎", "b", "!"]),
        ("a\x1bMb\x1bD\rc", ["a", " b", "c"]),
        ("\x1b]0;title\x07text\r\n", ["OSC 0;title", "text⏎"]),
        ("\x1b]9;4;1;20\x1b\\text\r\n", ["OSC 9;4;1;20", "text⏎"]),
        ("\x1bP1$r0m\x1b\\a\x1b_apc\x1b\\b\x1b^pm\x1b\\c\x1bXsos\x1b\\d", ["abcd"]),
        ("\x1b]never closed\r\nafter\r\n", ["after⏎"]),
        ("before\r\n\x1b[?1049hhidden\r\n\x1b[Halso\x1b[?1049lafter", ["before⏎", "after"]),
        ("\x1b[?25l\x1b[?2026h\x1b(B\x1b=bar\x1b[?25h", ["bar"]),
        ("a\x1bcb", ["a", "b"]),
        ("\x1b[999999999999C\x1b[99999999999Aend", [" " * 19 + "e↩", "nd"]),
        ("nul\x00 bel\x07 c1\x9b", ["nul bel c1"]),
    ],
)
def test_a_line_is_read_when_the_pen_is_lifted(output: str, read: list[str]) -> None:
    assert lines(output) == read


def test_text_wraps_where_the_terminal_does() -> None:
    assert lines("a" * 20 + "b" * 3 + "\r!") == ["a" * 20 + "↩", "bbb", "!bb"]
    assert lines("日本" * 5 + "語!") == ["日本" * 5 + "↩", "語!"]


def test_a_long_line_of_a_log_is_read_whole_and_takes_its_rows() -> None:
    read = ["a" * 20 + "↩", "a" * 20 + "↩", "a" * 50 + "⏎", "b", "a!" + "a" * 8]
    assert lines("a" * 50 + "\r\nb\x1b[A!") == read
    assert lines("\x1b[?25l" + "a" * 50 + "\r\nb\x1b[A!") == read


def test_without_a_terminal_nothing_wraps() -> None:
    assert lines("a" * 300 + "\rb", cols=0) == ["a" * 300, "b" + "a" * 299]


def test_wide_and_combining_characters_take_the_cells_they_take() -> None:
    assert lines("日本\x1b[5G!") == ["日本", "日本!"]
    assert lines("e\u0301a\x1b[3G!") == ["ea", "ea!"]


def test_what_scrolls_between_margins_leaves_the_rest_in_place() -> None:
    status = "\x1b7\x1b[5;1H[ 45%]\x1b8"
    output = "\x1b[1;4r" + status + "\r\n".join("abcdef") + "\x1b[5;1H\x1b[6C!"
    assert lines(output)[-1] == "[ 45%]!"


def test_a_smaller_screen_keeps_its_last_rows() -> None:
    read: list[str] = []
    screen = Screen(20, 5, lambda _, text, __: read.append(text), read.append, read.append)
    screen.write("a\nb\nc\nd")
    screen.resize(20, 2)
    screen.write("\x1b[A!")
    screen.lift()
    assert read[-1] == "c!"
