"""The user's own hub, for commands that need it up."""

from __future__ import annotations

from progress_run import embedded_hub, home
from progress_run.errors import CANNOT_CREATE, Failure


def started(host: str = embedded_hub.HOST, port: int | None = None) -> tuple[embedded_hub.Hub, bool]:
    """The hub, and whether it ran already; of one that did not the first answers come when it has done its imports."""
    try:
        hub = embedded_hub.find(home.hub_dir(), host, port)
        was_running = hub.running
        hub.start()
    except OSError as error:
        what = f"no hub can be started in {home.hub_dir()}: {error.strerror}."
        do = "Set PROGRESS_HOME to a directory of yours, or name another port or hub."
        raise Failure(what, do, CANNOT_CREATE) from error
    return hub, was_running
