"""axe-core, the checker of accessibility, run on a page as its reader sees it now."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

SOURCE = Path(__file__).parents[2] / "viewer_ui" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

FIND = """async (rules) => {
    const { violations } = await axe.run({ runOnly: rules });
    return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html}\\n${node.failureSummary}`));
}"""


@cache
def _source() -> str:
    return SOURCE.read_text()


def violations(page: Page) -> list[str]:
    """What of the page breaks WCAG 2.2 AA or good practice: the rule, the element, and what to do."""
    page.evaluate(_source())
    found: list[Any] = page.evaluate(FIND, RULES)
    return [str(each) for each in found]
