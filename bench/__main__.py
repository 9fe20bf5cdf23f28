"""Ask every question of the bench, and write the answers to docs/performance.md.

    python -m bench [--small] [--rounds N] [QUESTION...]

With questions, asks only those; the page has what was last measured of the others. --small asks them all as quickly
as can be, and writes nothing.
"""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import sys
import time
import traceback
from types import ModuleType

import bench
from bench import performance_page
from bench.harness import SMOKE, Scale, answers


def main() -> int:
    """0 if every script could measure, whatever it found."""
    parser = argparse.ArgumentParser()
    parser.add_argument("questions", nargs="*")
    parser.add_argument("--rounds", type=int, default=Scale.rounds)
    parser.add_argument("--small", action="store_true")
    given = parser.parse_args()
    scripts = questions()
    scale = SMOKE if given.small else Scale(given.rounds)
    failed = [name for name in given.questions or scripts if not asked(name, scripts[name], scale)]
    if not given.small:
        performance_page.write(scripts)
    for name in failed:
        print(f"bench.{name} could not measure; why stands above.", file=sys.stderr)
    return 1 if failed else 0


def questions() -> dict[str, ModuleType]:
    """The scripts that measure, by name."""
    names = sorted(each.name for each in pkgutil.iter_modules(bench.__path__) if each.name != "__main__")
    modules = {name: importlib.import_module(f"bench.{name}") for name in names}
    return {name: module for name, module in modules.items() if hasattr(module, "measure")}


def asked(name: str, script: ModuleType, scale: Scale) -> bool:
    """Whether it answered; prints the answers, and keeps them unless they are those of a small scale."""
    print(f"\n{name}: {script.__doc__ or ''}".split("\n\n")[0], flush=True)
    began = time.monotonic()
    try:
        rows = answers(script.measure, scale)
    except Exception:  # noqa: BLE001 - the others get their turn whatever happened to this one
        traceback.print_exc()
        return False
    print(*rows, f"({time.monotonic() - began:.0f} s)", sep="\n", flush=True)
    if not scale.small:
        performance_page.keep(name, rows, scale)
    return True


if __name__ == "__main__":
    sys.exit(main())
