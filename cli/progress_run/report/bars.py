"""`track` and a `tqdm` of our own: loops that report how far they are, and draw it wherever stderr is a terminal.

`tqdm` takes the arguments and has the methods of tqdm 4 that programs use; how it is drawn is not adjustable.
"""

from __future__ import annotations

import contextlib
import sys
import threading
import time

from progress_run.report import line
from progress_run.report.activity import Activity
from progress_run.report.process import here
from progress_run.report.screen import fill, is_terminal
from progress_run.report.values import number, text, truth

TYPE_CHECKING = False  # typing itself takes longer to import than all of this
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from types import TracebackType
    from typing import Any, TextIO, TypeVar

    Item = TypeVar("Item")


class tqdm(Activity):  # noqa: N801 -- as tqdm calls it
    """A loop, or something that is counted by hand: `for x in tqdm(items): …`, `with tqdm(total=9) as bar: …`.

    Args:
        iterable: what is looped over, if anything.
        desc: what is done.
        total: how much there is, by default the iterable's length.
        leave: whether the drawn line stays; None: only that of the outermost.
        file: where it is drawn if that is a terminal, by default stderr.
        disable: neither report nor draw; None: where there is no terminal.
        unit, unit_scale, unit_divisor: what is counted; `unit_scale` writes 1200 as 1.2k.
        initial: how much was done before.
        position: the row it is drawn in.
        postfix: further values to draw, as `set_postfix` takes them.
    """

    _shared_lock: Any = threading.RLock()

    def __init__(
        self,
        iterable: Iterable[Any] | None = None,
        desc: object = None,
        total: object = None,
        leave: bool | None = True,
        file: TextIO | None = None,
        *,
        disable: bool | None = False,
        unit: str = "it",
        unit_scale: bool | float = False,
        unit_divisor: float = 1000,
        initial: float = 0,
        position: int | None = None,
        postfix: Mapping[str, object] | str | None = None,
        **_options: object,
    ) -> None:
        self.iterable = iterable
        self.file = sys.stderr if file is None else file
        self.leave = leave if leave is None else truth(leave)
        self.initial, self.position = initial, position
        self._divisor = number(unit_divisor) if truth(unit_scale) else None
        self._postfix = ""
        self._started = time.monotonic()
        draws = is_terminal(self.file)
        self.disable = truth(disable) or (disable is None and not draws)
        self.state = "done"
        if self.disable:
            self.label, self.unit, self.current, self.total = desc, unit, initial, total
            return
        super().__init__("" if desc is None else desc, _length(iterable) if total is None else total, unit, initial)
        self._set_postfix(postfix)
        if draws:
            self._process.screen.add(self, position)
            self._process.ticker.wake()

    # --- counting

    def __iter__(self) -> Iterator[Any]:
        items = () if self.iterable is None else self.iterable
        if self.disable:
            yield from items
            return
        self._enter()
        try:
            for item in items:
                yield item
                self.current += 1
        except GeneratorExit:  # by a break or an exception, which can't be told apart
            self._end("left")
            raise
        except BaseException:  # of the iterable
            self._end("failed")
            raise
        self._end("done")

    def update(self, n: Any = 1) -> None:
        """So much more is done."""
        try:  # noqa: SIM105 -- which takes three times as long
            self.current += n
        except Exception:  # noqa: BLE001, S110 -- a report never harms the job
            pass

    @property
    def n(self) -> Any:
        """How much is done; may be set."""
        return self.current

    @n.setter
    def n(self, value: object) -> None:
        self.current = number(value) or 0

    @property
    def desc(self) -> str:
        """What is done; may be set."""
        return text(self.label)

    @desc.setter
    def desc(self, value: object) -> None:
        self.label = "" if value is None else value

    def reset(self, total: object = None) -> None:
        """Begin again."""
        self.current, self._started = 0, time.monotonic()
        if total is not None:
            self.total = total

    def close(self) -> None:
        """It has ended."""
        self._end("done")

    def __enter__(self) -> tqdm:
        if not self.disable:
            self._enter()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end("failed" if kind else "done")

    def __del__(self) -> None:
        if hasattr(self, "state"):
            self.close()

    def _end(self, state: str) -> None:
        if self.disable:
            return
        self._leave()
        if not self._process.is_over:
            self._process.screen.remove(self, self.leave)
        if state == "left":
            self._process.left(self)
        else:
            self._change(state)

    def __len__(self) -> int:
        total = number(self.total) or 0
        return int(total) if 0 <= total <= sys.maxsize else 0

    def __bool__(self) -> bool:
        return self.total is None or bool(number(self.total))

    # --- drawing

    def set_description(self, desc: object = None, refresh: bool = True) -> None:
        """Say what is done now."""
        self.desc = desc
        self._redraw(refresh)

    set_description_str = set_description

    def set_postfix(
        self, ordered_dict: Mapping[str, object] | None = None, refresh: bool = True, **values: object
    ) -> None:
        """Values to draw behind the bar."""
        self._set_postfix({**(ordered_dict or {}), **values})
        self._redraw(refresh)

    def set_postfix_str(self, s: object = "", refresh: bool = True) -> None:
        """A text to draw behind the bar."""
        self._set_postfix(text(s))
        self._redraw(refresh)

    def refresh(self, *_args: object, **_options: object) -> bool:
        """Draw it now."""
        self._redraw(True)
        return True

    def clear(self, *_args: object, **_options: object) -> None:
        """Does nothing: `write` prints above the bars."""

    display = refresh
    unpause = clear

    def drawn(self, columns: int) -> str:
        """The line to draw."""
        current, total = number(self.current) or 0, number(self.total)
        seconds, unit = time.monotonic() - self._started, text(self.unit)
        amount = line.scaled(current, self._divisor)
        count = f"{amount}/{line.scaled(total, self._divisor)}" if total else f"{amount}{unit}"
        speed = line.speed(current - (number(self.initial) or 0), seconds, unit, self._divisor)
        behind = f", {speed}{self._postfix}"
        label = " ".join(text(self.label).split())
        return line.layout(label, current, total, seconds, count, behind, columns, fill(self.file))

    @staticmethod
    def write(s: object, file: TextIO | None = None, end: str = "\n", **_options: object) -> None:
        """Print a line above the bars, by default to stdout."""
        here().screen.write(f"{s}{end}", sys.stdout if file is None else file)

    @classmethod
    def get_lock(cls) -> Any:
        """What programs hand to their pools, as `initializer=tqdm.set_lock, initargs=(tqdm.get_lock(),)`."""
        return cls._shared_lock

    @classmethod
    def set_lock(cls, lock: Any) -> None:
        """Keeps it for `get_lock`; our bars need none of the program's."""
        cls._shared_lock = lock

    def _redraw(self, refresh: bool) -> None:
        if refresh and not self.disable and not self._process.is_over:
            self._process.screen.draw()

    def _set_postfix(self, postfix: Mapping[str, object] | str | None) -> None:
        if isinstance(postfix, dict):
            postfix = ", ".join(f"{name}={_short(value)}" for name, value in postfix.items())
        said = "" if postfix is None else text(postfix)
        self._postfix = said and f", {said}"


def trange(*args: int, **options: Any) -> tqdm:
    """`tqdm(range(…))`."""
    return tqdm(range(*args), **options)


def track(items: Iterable[Item], label: object = "", total: object = None, *, unit: str = "it") -> Iterator[Item]:
    """Loop over `items` and report how far the loop is."""
    return iter(tqdm(items, label, total, unit=unit))


def _length(items: object) -> int | None:
    try:
        return len(items)  # type: ignore[arg-type]  # or a TypeError
    except Exception:  # noqa: BLE001 -- the job's own types may raise anything
        return None


def _short(value: object) -> str:
    with contextlib.suppress(OverflowError):  # an int beyond all floats
        return f"{value:.3g}" if isinstance(value, (int, float)) else text(value)
    return "?"
