"""Run a job exactly as before, and let anyone with the link watch it live.

A job may say how far it is: `from progress_run import track, task, step, metric, note, tqdm` (docs/sdk.md).
"""

from __future__ import annotations

__version__ = "0.1.0"
__all__ = ["Task", "metric", "note", "step", "task", "tqdm", "track", "trange"]

TYPE_CHECKING = False  # typing itself takes longer to import than all that a job needs of us
if TYPE_CHECKING:
    from progress_run.report import Task, metric, note, step, task, tqdm, track, trange


def __getattr__(name: str) -> object:
    """What a job imports of us is loaded when it does, so that the command does without."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from progress_run import report

    return getattr(report, name)
