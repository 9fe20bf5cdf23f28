"""A run is called stalled when it is silent for longer than is usual for it: hours in this file take no time."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from progress_hub.queries import RunRecord
from progress_hub.rhythm import HALF_LIFE, STALLED_AFTER, Rhythm
from progress_hub.run import CATCHING_UP, Run
from progress_hub.wire import Append, Events

MINUTE = 60.0
STARTED = 1_000_000.0


class Job:
    """A run that was opened at STARTED; `now` is the time, and so is its own clock unless it says otherwise."""

    def __init__(self, stalled_after: float = STALLED_AFTER) -> None:
        record = RunRecord(
            id="r", epoch=1, meta={}, started=STARTED, size=0, lines=0, events=0, heard=STARTED, tally={}, links={},
            complete=False, sha256=None, holes=[], torn=[], conflict=None, latest=[], kept=False,
            removed=False, compacted=False,
        )  # fmt: skip
        self.now = STARTED
        self.run = Run(record, STARTED, stalled_after)
        self.run.publisher, self.run.taken = "p", STARTED

    @property
    def state(self) -> str:
        return self.run.state_at(self.now)

    def after(self, seconds: float) -> Job:
        self.now += seconds
        return self

    def prints(self, t: float | None = None) -> Job:
        t = self.now - STARTED if t is None else t
        self.run.append(Append("r", 1, self.run.end, t, b"x\n", "", b"x\n", None), self.now)
        return self

    def tells(self, **event: object) -> Job:
        t = self.now - STARTED
        told = {"seq": self.run.events_end, "t": t, "at": self.run.end, **event}
        self.run.add_events(Events("r", 1, [told], ["{}"]), self.now)
        return self

    def prints_every(self, seconds: float, during: float) -> Job:
        for _ in range(int(during / seconds)):
            self.after(seconds).prints()
        return self


def stalls_after(job: Job) -> float:
    """Seconds from the last word to the moment in which it is called stalled, which is the one that was told."""
    assert job.run.stalls_at is not None
    assert job.run.spoke is not None
    assert job.run.state_at(job.run.stalls_at - 0.001) == "running"
    assert job.run.state_at(job.run.stalls_at) == "stalled"
    return job.run.stalls_at - job.run.spoke


def test_a_run_that_speaks_all_the_time_is_stalled_after_a_minute() -> None:
    assert stalls_after(Job().prints().prints_every(1, during=MINUTE)) == STALLED_AFTER == MINUTE


def test_the_floor_is_a_setting() -> None:
    assert stalls_after(Job(stalled_after=5).prints().prints_every(1, during=MINUTE)) == 5


def test_a_silence_of_forty_minutes_in_a_run_that_speaks_each_minute() -> None:
    job = Job().prints_every(MINUTE, during=30 * MINUTE)
    states = [job.after(MINUTE).state for _ in range(40)]
    assert [state for state, _ in itertools.groupby(states)] == ["running", "stalled"]
    assert states.index("stalled") == 2  # at the third minute: three times what is usual
    assert job.prints().state == "running"


def test_epochs_of_forty_minutes_are_no_stall_once_one_was_seen() -> None:
    job = Job().prints_every(1, during=MINUTE).after(40 * MINUTE)
    assert job.state == "stalled"
    for _ in range(5):
        job.prints().prints_every(1, during=MINUTE)
        assert job.after(40 * MINUTE).state == "running"
    assert stalls_after(job.prints()) == pytest.approx(120 * MINUTE, rel=0.05)


def test_one_long_silence_is_forgotten_by_and_by() -> None:
    job = Job().after(20 * MINUTE).prints()
    assert stalls_after(job) == 60 * MINUTE
    assert stalls_after(job.prints_every(10, during=HALF_LIFE)) == pytest.approx(30 * MINUTE)
    assert stalls_after(job.prints_every(10, during=9 * HALF_LIFE)) == MINUTE


@pytest.mark.parametrize(
    "event",
    [
        {"kind": "metric", "name": "process/cpu", "value": 1.0},
        {"kind": "metric", "name": "process/memory", "value": 1e9},
        {"kind": "resize", "cols": 80, "rows": 24},
    ],
)
def test_a_look_at_the_processes_is_no_sign_of_life(event: dict[str, object]) -> None:
    job = Job().prints()
    for _ in range(int(STALLED_AFTER)):
        job.after(1).tells(**event)
    assert job.state == "stalled"
    assert job.run.spoke == STARTED


@pytest.mark.parametrize(
    "event",
    [
        {"kind": "metric", "name": "loss", "value": 1.0},
        {"kind": "task", "id": "a", "current": 1},
        {"kind": "group", "name": "build", "open": True},
        {"kind": "note", "level": "info", "text": "still here"},
    ],
)
def test_what_the_job_reports_is(event: dict[str, object]) -> None:
    job = Job().after(STALLED_AFTER).tells(**event)
    assert (job.state, job.run.spoke) == ("running", job.now)
    assert job.after(STALLED_AFTER - 1).state == "running"


def test_what_comes_late_is_judged_by_the_clock_of_the_run() -> None:
    """The hub was away for an hour; the run spoke each second meanwhile, and all of it comes now."""
    job = Job().prints().after(60 * MINUTE)
    for second in range(3600):
        job.prints(t=second)
    assert stalls_after(job) == MINUTE


def test_who_takes_a_silent_run_up_gets_the_time_to_send_what_it_said() -> None:
    job = Job().prints().after(60 * MINUTE)
    job.run.taken = job.now
    assert job.state == "running"
    assert job.after(CATCHING_UP).state == "stalled"


def test_a_run_that_has_said_nothing_yet_waits() -> None:
    job = Job().after(60 * MINUTE)
    assert (job.state, job.run.spoke, job.run.stalls_at) == ("waiting", None, None)


def test_what_is_over_or_lost_does_not_stall() -> None:
    job = Job().prints()
    job.run.publisher = None
    assert job.run.stalls_at is None
    assert job.after(60 * MINUTE).state == "lost"
    assert job.tells(kind="exit", code=0, signal=None).state == "succeeded"
    assert job.run.stalls_at is None


@given(st.lists(st.floats(min_value=-(2**53), max_value=2**53)))
def test_any_clock_is_borne(times: Iterable[float]) -> None:
    """It may jump and go back; patience is never less than the floor, and always a time."""
    rhythm = Rhythm()
    for t in times:
        rhythm = rhythm.heard([t])
        assert 60 <= rhythm.patience(60) <= 3 * 2**53
