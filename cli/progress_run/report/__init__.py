"""What a job may import to say how far it is. It never blocks, never raises into the job, and is cheap to import.

Under `progress run` reports go to the recorder; elsewhere nothing happens, except that `track` and `tqdm` draw their
bar wherever stderr is a terminal.
"""

from progress_run.report.bars import tqdm, track, trange
from progress_run.report.task import Task, metric, note, step, task

__all__ = ["Task", "metric", "note", "step", "task", "tqdm", "track", "trange"]
