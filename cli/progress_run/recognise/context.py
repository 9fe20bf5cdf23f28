"""What other lines say about a bar: the name in the line before it, and the line that says it is done."""

from __future__ import annotations

from progress_run.lazy import Pattern
from progress_run.recognise.reading import Reading
from progress_run.recognise.screen import Row, Screen
from progress_run.recognise.tasks import Tasks

_HEADINGS = (
    ("pip", Pattern(r"\s*Downloading (?P<name>\S+)")),
    ("wget", Pattern(r"Saving to: [‘'\"`]?(?P<name>.*?)[’'\"]?$")),
)
"""What the next bar of a form is called, where its own line doesn't say."""

_ENDINGS = (
    ("cargo", Pattern(r"\s+Finished ")),
    ("7z", Pattern(r"Everything is Ok")),
    ("zstd", Pattern(r"\S.{0,200}?\s*: *[\d.]+% +\(|\S.{0,200}?\s*: \d+ bytes")),
    ("apt", Pattern(r"(?P<label>Reading package lists|Building dependency tree|Reading state information)\.\.\. Done")),
    ("aria2", Pattern(r".{0,80}Download complete: ")),
    ("docker", Pattern(r"(?P<label>[0-9a-f]{12}): (?:Pull complete|Pushed)")),
)
"""The line by which a program says that a form's bar is done, or the bar with this label."""

_WHEEL = Pattern(r"Processing (?:\S*/)?(?P<name>[\w.]+-[\w.!+]+(?:-\d\w*)?-[\w.]+-[\w.]+-[\w.]+\.whl)\b")
"""pip takes a while over each wheel it has, and tells no more of it; names as in PEP 427."""

_STARTS = ("Downloading ", "Saving to", "Finished ", "Everything is", "Reading ", "Building dep", "Processing ")
_WITHIN = (": Pu", " : ", "Download complete", " bytes")
_NO_FILE = Pattern(
    r"sending incremental|receiving |created directory|building file list|.*(?:done|\.\.\.)$|total size|sent "
)


class Context:
    """Remembers the names that lines give to the bars under them."""

    def __init__(self, screen: Screen, tasks: Tasks) -> None:
        self._screen = screen
        self._tasks = tasks
        self._names: dict[str, str] = {}

    def line(self, row: Row, text: str, at: int) -> None:
        """A line without a task of its own."""
        if self._names.pop("wheel", None) and text:
            self._tasks.finish("wheel", None, at)
        if text.lstrip().startswith(_STARTS) or any(words in text for words in _WITHIN):
            self._heed(row, text[:300], at)

    def _heed(self, row: Row, text: str, at: int) -> None:
        if match := _WHEEL.match(text):
            self._names["wheel"] = match["name"]
            self._tasks.see(row, Reading("wheel", match["name"], None, None, None, None, 0, False), at)
        for form, heading in _HEADINGS:
            if match := heading.match(text):
                self._names[form] = match["name"]
        for form, ending in _ENDINGS:
            if match := ending.match(text):
                self._tasks.finish(form, match.groupdict().get("label"), at)

    def named(self, row: Row, reading: Reading) -> Reading:
        """The reading, under the name its heading gave it; rsync writes a file's name above its progress."""
        if reading.form == "rsync":
            above = self._screen.above(row)
            name = above.text.strip() if above is not None else ""
            return reading._replace(label=name[:200]) if name and not _NO_FILE.match(name) else reading
        name = self._names.get(reading.form, "")
        return reading._replace(label=name) if name and reading.label == "Download" else reading
