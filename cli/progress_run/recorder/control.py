"""What viewers ask of the job: done if the run was started with leave for it, each step told as an event of the run.

The hub is not trusted in this: whatever it says, the policy that was given to `progress run` holds.
"""

from __future__ import annotations

import signal
from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple, cast

from progress_run.protocol import ControlReason, ControlState, Do, NextSignal, Policy
from progress_run.recorder.keyboard import JobInput
from progress_run.recorder.pace import NEVER
from progress_run.recorder.run_log import RunLog
from progress_run.recorder.targets import Targets
from progress_run.shown import shown_text

STEPS = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)
"""What a job gets that is to stop, one after the other as long as it goes on; the last one again and again."""

STEP_SECONDS = 10.0

STOPPING = (signal.SIGSTOP, signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU)

REMEMBERED = 10_000
"""The most requests whose ids are kept, of those that come again."""

NAMELESS = "a viewer"
HERE = "somebody at the job's machine"
"""Who has let a job go on that a viewer had paused, where no viewer did."""
TYPED = "{} typed into the job."


class Request(NamedTuple):
    """What is asked, by a viewer whose link has this label."""

    id: str
    do: Do
    signal: str
    data: str
    by: str


class Control:
    """Does what is asked of one job, once for each id.

    Attributes:
        stopped_by: the label of who asked last for its end, None if nobody did.
    """

    def __init__(self, policy: Policy, log: RunLog, targets: Targets, job_input: JobInput | None) -> None:
        self.stopped_by: str | None = None
        self._policy = policy
        self._log = log
        self._targets = targets
        self._input = job_input
        self._pause: Request | None = None
        self._is_stopped = False
        self._seen: dict[str, None] = {}
        self._stops: list[Request] = []
        self._steps = 0
        self._due = NEVER
        self._signalled: tuple[Request, signal.Signals] | None = None

    def take(self, asked: Mapping[str, Any], *, over: bool) -> None:
        """Do what is asked, or say why not, such as that the job is `over`; the same id again is done already."""
        do, by = cast(Do, asked["do"]), shown_text(asked["by"]) or NAMELESS
        request = Request(asked["id"], do, asked.get("signal", ""), asked.get("data", ""), by)
        if request.id in self._seen:
            return
        self._remember(request.id)
        reason = "ended" if over else self._why_not(request)
        if reason:
            self._say(request, "refused", reason=reason)
        else:
            self._say(request, "accepted")
            self._do(request)

    @property
    def paused(self) -> bool:
        """The job was stopped by a viewer."""
        return self._pause is not None

    def resume(self) -> None:
        """Somebody at the job's machine wants something of it, which counts for more than a viewer's pause."""
        if self._pause:
            self._targets.send(signal.SIGCONT)
            self._tell_of_resumption(self._pause)

    def stopped(self) -> bool:
        """The job has stopped; whether that is a viewer's pause, which the runner doesn't follow."""
        self._is_stopped = True
        return self.paused

    def continued(self) -> None:
        """The job has been continued; if it had not even stopped for a pause, or is stopped, that was before."""
        if self._pause and self._is_stopped and not self._targets.are_stopped():
            self._tell_of_resumption(self._pause)

    def tend(self) -> None:
        """Take the next step of a stop when it is due."""
        if self._input and not self._input.is_open:
            self._input.give_up()
        if self._log.seconds() >= self._due:
            self._step(self._stops[-1])

    @property
    def patience(self) -> float:
        """Seconds after which `tend` is wanted, infinity if nothing is under way."""
        return self._due - self._log.seconds()

    def ended(self, signo: int | None) -> None:
        """The job is over, by this signal if by one: tell it of what was asked to that end."""
        self._due, self._pause = NEVER, None
        if self._input:
            self._input.give_up()
        for request in self._stops:
            self._say(request, "exited")
        if self._signalled and self._signalled[1] == signo:
            self._say(self._signalled[0], "exited", signal=self._signalled[0].signal)

    def _remember(self, request: str) -> None:
        self._seen[request] = None
        if len(self._seen) > REMEMBERED:
            del self._seen[next(iter(self._seen))]

    def _why_not(self, request: Request) -> ControlReason | None:
        if self._policy != "all" and (self._policy, request.do) != ("stop", "stop"):
            return "not_allowed"
        if request.do == "signal" and _named(request.signal) is None:
            return "bad_request"
        if request.do == "stop" and request.signal and _named(request.signal) not in STEPS:
            return "bad_request"
        if request.do == "type":
            return self._why_not_type()
        return None

    def _why_not_type(self) -> ControlReason | None:
        if self._input is None or not self._input.is_open:
            return "no_terminal"
        return "rate" if self._input.waits else None

    def _do(self, request: Request) -> None:
        if request.do == "stop":
            self._stop(request)
        elif request.do == "type":
            self._type(request)
        else:
            signo = {"pause": signal.SIGSTOP, "continue": signal.SIGCONT}.get(request.do) or _named(request.signal)
            assert signo is not None
            self._signal(request, signo)

    # --- stopping

    def _stop(self, request: Request) -> None:
        """The first one begins with the first step; one more takes the next at once, unless it means an earlier one."""
        if request.signal and _named(request.signal) in STEPS[: self._steps]:
            self._say(request, "delivered", signal=request.signal, **self._next())
        elif not self._step(request):
            return
        self._stops.append(request)
        self.stopped_by = request.by

    def _step(self, request: Request) -> bool:
        signo = STEPS[min(self._steps, len(STEPS) - 1)]
        self._due = NEVER
        if not self._targets.send(signo, job_too=signo != signal.SIGINT):
            self._say(request, "refused", reason="away")
            return False
        self._steps += 1
        if self._steps < len(STEPS):
            self._due = self._log.seconds() + STEP_SECONDS
        if self._pause:
            self._targets.send(signal.SIGCONT)
            self._pause = None
        self._say(request, "delivered", signal=_name(signo), **self._next())
        return True

    def _next(self) -> dict[str, NextSignal]:
        """What follows if the job goes on, and when."""
        if self._due == NEVER:
            return {}
        return {"next": {"signal": _name(STEPS[self._steps]), "at": round(self._due, 3)}}

    # --- the rest

    def _signal(self, request: Request, signo: signal.Signals) -> None:
        if not self._targets.send(signo):
            self._say(request, "refused", reason="away")
            return
        if signo in STOPPING:
            self._is_stopped = self._is_stopped and self.paused
            self._pause = request
        elif signo == signal.SIGCONT:
            self._pause = None
        self._signalled = request._replace(signal=_name(signo)), signo
        self._say(request, "delivered", signal=_name(signo))

    def _type(self, request: Request) -> None:
        assert self._input is not None
        self._input.write(request.data.encode(errors="replace"), partial(self._typed, request))

    def _typed(self, request: Request, taken: bool) -> None:
        if not taken:
            self._say(request, "refused", reason="no_terminal")
            return
        self._log.event("note", {"level": "info", "text": TYPED.format(request.by)})
        self._say(request, "delivered")

    def _tell_of_resumption(self, pause: Request) -> None:
        self._pause = None
        self._say(pause._replace(do="continue", by=HERE), "delivered", signal=_name(signal.SIGCONT))

    def _say(self, request: Request, state: ControlState, **more: Any) -> None:
        told = {"id": request.id, "do": request.do, "by": request.by, "state": state}
        if request.do == "signal":
            told["signal"] = request.signal
        self._log.event("control", {**told, **more})


def _named(name: str) -> signal.Signals | None:
    return signal.Signals.__members__.get(f"SIG{name}")


def _name(signo: signal.Signals) -> str:
    return signo.name.removeprefix("SIG")
