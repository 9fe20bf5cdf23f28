"""A hub from before there were private runs."""

from progress_hub import wire
from progress_hub.__main__ import main as serve


def main() -> None:
    """The hub's command line."""
    del wire._META["private"]
    serve()
