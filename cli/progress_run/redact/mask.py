"""All that is masked in a run, and how often it was.

The rules are made when the first text comes that could hold a secret: before a job's start there is seldom one.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from progress_run.lazy import Pattern
from progress_run.redact import SHORTEST
from progress_run.redact.wish import MASK, Wish
from progress_run.shown import shown_text

if TYPE_CHECKING:
    import re

    from progress_run.redact.rules import PrivateKeys, Rule, Span


NAME_CHARACTERS = 60
"""The most of a variable's or option's name that a note has."""

_ASSIGNMENT = Pattern(r"(?s)([\w.-]+)=(.*)")
_ASSIGNMENTS = Pattern(r"([\w.-]+)=(?![\w.-]+=)(\S+)")


class Mask:
    """Finds what is to be masked, line by line, and counts what was.

    Attributes:
        counts: how often each kind was masked, by its name, in the order in which they came.
    """

    def __init__(self, wish: Wish, environ: Mapping[str, str] = os.environ) -> None:
        self._wish = wish
        self._environ = environ
        self.counts: dict[str, int] = {}

    @cached_property
    def _rules(self) -> Sequence[Rule]:
        from progress_run.redact.rules import Pattern, Value
        from progress_run.redact.shapes import known_shapes
        from progress_run.redact.values import secret_values

        if self._wish.nothing:
            return ()
        # Numbers, since who masks a word by a pattern doesn't want it in a note, either.
        patterns = [Pattern(f"match of --redact {n}", each) for n, each in enumerate(self._wish.patterns, 1)]
        values = secret_values(self._environ, self._wish.names).items()
        return (*patterns, *(Value(f"value of {name}", value) for value, name in values), *known_shapes(), self._keys)

    @cached_property
    def _keys(self) -> PrivateKeys:
        from progress_run.redact.rules import PrivateKeys

        return PrivateKeys()

    def prepared(self) -> Mask:
        """Itself, with all loaded that it takes."""
        self._rules  # noqa: B018 -- made at the first look
        return self

    # --- what is found in output

    def concerns(self, data: bytes, start: int = 0) -> bool:
        """Whether something from `start` on is to be masked, or says that what follows is."""
        return any(rule.gate in data and rule.concerns(data, start) for rule in self._rules)

    def begins(self, line: bytes) -> bool:
        """Whether a line that has not ended yet may have the beginning of a secret, or will once there is more."""
        return any(rule.begins(line) for rule in self._rules)

    def spans(self, data: bytes) -> list[Span]:
        """What is to be masked, in order, no two of them overlapping."""
        spans: list[Span] = []
        rules = [rule for rule in self._rules if rule.gate in data]
        for span in sorted(span for rule in rules for span in rule.spans(data) if span.start < span.end):
            if spans and span.start < spans[-1].end:
                spans[-1] = spans[-1]._replace(end=max(span.end, spans[-1].end))
            else:
                spans.append(span)
        return spans

    def open_at(self, data: bytes) -> int:
        """From where on what follows can't be told without what was before: the last line's start, or a key's."""
        line = max(data.rfind(b"\n"), data.rfind(b"\r")) + 1
        return line if self._wish.nothing else self._keys.open_at(data, line)

    def count(self, name: str) -> None:
        """One more of these has been masked."""
        self.counts[name] = self.counts.get(name, 0) + 1

    # --- texts that come whole

    def text(self, text: str) -> str:
        """The text with everything masked."""
        data = text.encode("utf-8", "surrogatepass")
        return b"".join(self._parts(data)).decode("utf-8", "replace") if self.concerns(data) else text

    def _parts(self, data: bytes) -> Iterator[bytes]:
        at = 0
        for start, end, name in self.spans(data):
            yield data[at:start]
            yield MASK.encode()
            self.count(name)
            at = end
        yield data[at:]

    def command(self, argv: Sequence[str]) -> list[str]:
        """A command line, in which values of options and variables named like secrets are masked as well."""
        return [self._argument(before, each) for before, each in zip(["", *argv], argv, strict=False)]

    def _argument(self, before: str, argument: str) -> str:
        is_value = before.startswith("-") and "=" not in before and not argument.startswith("-")
        if is_value and self._is_secret(before, argument):
            return MASK
        whole = _ASSIGNMENT.fullmatch(argument)
        if whole and self._is_secret(*whole.groups()):
            return f"{whole[1]}={MASK}"
        return self.text(_ASSIGNMENTS.sub(self._assigned, argument))

    def _assigned(self, found: re.Match[str]) -> str:
        name, value = found.groups()
        return f"{name}={MASK}" if self._is_secret(name, value) else found[0]

    def _is_secret(self, name: str, value: str) -> bool:
        if self._wish.nothing or len(value) < SHORTEST:
            return False
        from progress_run.redact.values import is_secret, names_secret

        found = names_secret(name) and is_secret(value)
        if found:
            self.count(f"value of {shown_text(name, NAME_CHARACTERS)}")
        return found
