"""Which task stands for a run: the rule, by the vectors that the page's tests read as well."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from progress_run.protocol import main_task

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "main_task.json").read_text())


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_main_task(vector: dict[str, Any]) -> None:
    found = main_task(vector["tasks"])
    assert (found["id"] if found else None) == vector["main"]
