"""What other lines say about a bar: the name in the line before it, and the line that says it is done."""

from __future__ import annotations

import re

from progress_run.recognise.reading import Reading
from progress_run.recognise.tasks import Tasks

_HEADINGS = (
    ("pip", re.compile(r"\s*(?:Downloading|Using cached) (?P<name>\S+)")),
    ("wget", re.compile(r"Saving to: [‘'\"`]?(?P<name>.*?)[’'\"]?$")),
)
"""What the next bar of a form is called, where its own line doesn't say."""

_ENDINGS = (
    ("cargo", re.compile(r"\s+Finished ")),
    ("7z", re.compile(r"Everything is Ok")),
    ("dd", re.compile(r"\d+\+\d+ records out")),
    ("zstd", re.compile(r".{1,200} : +[\d.]+% +\(|.{1,200}: \d+ bytes")),
    ("dpkg", re.compile(r"\(Reading database \.\.\. \d+ files")),
    ("apt", re.compile(r"(?:Reading package lists|Building dependency tree|Reading state information)\.\.\. Done|Fetched \d")),
)
_NEAR = re.compile(r"\s*Downloading |Saving to|\s+Finished |Everything is|\d+\+\d+ rec|.{1,200} : |\(Reading|Reading |Building dep|Fetched ")


class Context:
    """Remembers the names that lines give to the bars under them."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def line(self, text: str, tasks: Tasks, at: int) -> None:
        """A line without a task of its own."""
        if len(text) > 300 or not _NEAR.match(text):
            return
        for form, heading in _HEADINGS:
            if match := heading.match(text):
                self._names[form] = match["name"]
        for form, ending in _ENDINGS:
            if ending.match(text):
                tasks.finish(form, at)

    def named(self, reading: Reading) -> Reading:
        """The reading, under the name its heading gave it."""
        name = self._names.get(reading.form)
        return reading._replace(label=name) if name and reading.label == "Download" else reading
