"""A log taller than any element a browser makes: every line is reached, and small steps are small."""

from __future__ import annotations

from tests.support.browser import Open
from tests.support.clients import Publisher
from tests.support.hub import Hub, wait_until
from tests.support.lines import numbered

LINES = 450_000


def test_a_log_taller_than_a_browser_can_do(hub: Hub, publisher: Publisher, visit: Open) -> None:
    publisher.append_all(numbered(1, LINES), size=65_536, codec="zlib")
    reader = visit(hub, publisher.token, fragment=f"#L{LINES // 2}")
    line = reader.rows.filter(has_text=f"line {LINES // 2}")
    reader.shows(f"line {LINES // 2}")
    reader.reaches(publisher.end)

    def y() -> float:
        box = line.bounding_box()
        return box["y"] if box else 0

    for by in (100, -140, 60):
        goal = y() - by
        reader.scroll(by)
        wait_until(lambda goal=goal: abs(y() - goal) < 1, f"it stands at {goal}")  # type: ignore[misc]

    for share, text in ((1, f"line {LINES}"), (0, "line 1"), (0.5, f"line {LINES // 2}")):
        reader.log.evaluate("(log, share) => { log.scrollTop = share * (log.scrollHeight - log.clientHeight); }", share)
        reader.shows(text)
    wait_until(lambda: reader.log.evaluate("(log) => log.scrollHeight") == 8_000_000, "it is as tall as it may be")
