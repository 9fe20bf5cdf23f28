"""The wire as the page spells it is the wire as Python does."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from progress_run import protocol

SOURCE = (Path(__file__).parents[2] / "viewer_ui" / "src" / "protocol.ts").read_text()

CONSTANTS = dict(re.findall(r"export const (\w+) =\s*(.*?)(?: as const)?;\n", SOURCE, re.DOTALL))
INTERFACES = dict(re.findall(r"export interface (\w+) \{\n(.*?)\n\}", SOURCE, re.DOTALL))


def value(text: str) -> Any:
    """A TypeScript constant in Python: a string, a number or a product of some, a list of strings."""
    if text.startswith("["):
        return tuple(re.findall(r'"([^"]*)"', text))
    if text.startswith('"'):
        return text.strip('"')
    product = 1
    for factor in text.split("*"):
        product *= int(factor)
    return product


@pytest.mark.parametrize("name", CONSTANTS)
def test_constants_are_the_same(name: str) -> None:
    assert value(CONSTANTS[name]) == getattr(protocol, name)


@pytest.mark.parametrize(
    "name", ["PROTOCOL", "WATCH", "WATCH_REQUESTS", "WATCH_REPLIES", "ROLES", "STATES", "ERROR_CODES"]
)
def test_the_page_has_what_it_cannot_do_without(name: str) -> None:
    assert name in CONSTANTS


@pytest.mark.parametrize("name", [name for name in INTERFACES if hasattr(protocol, name)])
def test_shapes_are_the_same(name: str) -> None:
    fields = set(re.findall(r"^  (\w+)\??:", INTERFACES[name], re.MULTILINE))
    declared = set(getattr(protocol, name).__annotations__)
    assert fields <= declared
    if name != "Info":  # of a run, the page names what it shows
        assert fields == declared
