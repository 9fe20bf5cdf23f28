"""The style that SGR sequences (ECMA-48, 8.3.117; `CSI … m`) have put text into. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

_CODES = {
    "bold": "1",
    "dim": "2",
    "italic": "3",
    "underline": "4 21",
    "blink": "5 6",
    "inverse": "7",
    "hidden": "8",
    "strike": "9",
    "overline": "53",
    "foreground": "30 31 32 33 34 35 36 37 90 91 92 93 94 95 96 97",
    "background": "40 41 42 43 44 45 46 47 100 101 102 103 104 105 106 107",
}
_SETS = {code: slot for slot, codes in _CODES.items() for code in codes.split()}
_UNSETS = {
    "22": ("bold", "dim"),
    "23": ("italic",),
    "24": ("underline",),
    "4:0": ("underline",),
    "25": ("blink",),
    "27": ("inverse",),
    "28": ("hidden",),
    "29": ("strike",),
    "39": ("foreground",),
    "49": ("background",),
    "55": ("overline",),
    "59": ("underline colour",),
}
_EXTENDED = {"38": "foreground", "48": "background", "58": "underline colour"}
_FOLLOWING = {"5": 1, "2": 3}
"""How many parameters follow `38;5` and `38;2`."""
LONGEST = 32
"""No parameter that means something has more characters, with its colons."""


class Style:
    """`slots` has, for each property that is set, the parameters that set it."""

    def __init__(self, slots: Mapping[str, str] | None = None) -> None:
        self.slots = dict(slots or {})

    def select(self, parameters: bytes) -> None:
        """Apply the parameters of one `CSI … m`."""
        parts = iter(parameters.decode("ascii").split(";"))
        for part in parts:
            code = part.partition(":")[0].lstrip("0")
            if not code and ":" not in part:
                self.slots.clear()
            elif code in _EXTENDED:
                self._extend(_EXTENDED[code], part, parts)
            elif part in _UNSETS or code in _UNSETS:
                for slot in _UNSETS.get(part) or _UNSETS[code]:
                    self.slots.pop(slot, None)
            elif code in _SETS and len(part) <= LONGEST:
                self.slots[_SETS[code]] = part

    def _extend(self, slot: str, part: str, parts: Iterator[str]) -> None:
        if ":" not in part:
            model = next(parts, "")
            part = ";".join([part, model, *(next(parts, "0") or "0" for _ in range(_FOLLOWING.get(model, 0)))])
        if len(part) <= LONGEST:
            self.slots[slot] = part

    def sequence(self) -> str:
        """One sequence that puts text of no style into this one; empty where it has none."""
        return f"\x1b[{';'.join(self.slots.values())}m" if self.slots else ""
