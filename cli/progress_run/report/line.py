"""One line of text for a bar, as tqdm lays it out, so that those who read tqdm's lines read ours."""

from __future__ import annotations

PREFIXES = ("", "k", "M", "G", "T", "P")


def layout(
    label: str, current: float, total: float | None, seconds: float, count: str, postfix: str, columns: int, fill: str
) -> str:
    """At most `columns` wide.

    Args:
        seconds: since it began.
        count: `current`, `total` and the speed, as `counted` gives them.
        fill: the character a bar is made of.
    """
    head = f"{label}: " if label and not label.endswith((":", ": ")) else label
    if not total:
        return f"{head}{count} [{clock(seconds)}{postfix}]"[:columns]
    part = min(max(current / total, 0.0), 1.0)
    left = clock(seconds * (1 - part) / part) if part else "?"
    head = f"{head}{100 * part:3.0f}%|"
    tail = f"| {count} [{clock(seconds)}<{left}{postfix}]"
    width = max(columns - len(head) - len(tail), 4)
    full = int(width * part)
    return f"{head}{fill * full}{' ' * (width - full)}{tail}"[:columns]


def speed(amount: float, seconds: float, unit: str, divisor: float | None) -> str:
    """How fast: units a second, or seconds a unit where that is clearer."""
    rate = amount / seconds if seconds > 0 else 0.0
    if rate <= 0:
        return f"?{unit}/s"
    if divisor:
        return f"{scaled(rate, divisor)}{unit}/s"
    return f"{rate:.2f}{unit}/s" if rate >= 1 else f"{1 / rate:.2f}s/{unit}"


def scaled(amount: float, divisor: float | None) -> str:
    """A number with three digits and a prefix, as it is where `divisor` is None."""
    if not divisor:
        return f"{amount:g}" if abs(amount) < 1e15 and amount == int(amount) else f"{amount:.6g}"
    for prefix in PREFIXES:
        if abs(amount) < divisor - 0.5 or prefix == PREFIXES[-1]:
            break
        amount /= divisor
    return f"{amount:.3g}{prefix}"


def clock(seconds: float) -> str:
    """MM:SS, with hours where there are any."""
    minutes, second = divmod(int(min(max(seconds, 0.0), 1e9)), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02d}:{second:02d}" if hours else f"{minute:02d}:{second:02d}"
