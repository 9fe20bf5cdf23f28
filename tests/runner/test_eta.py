"""The rate and the time left of a bar are honest whatever the bar does; told by a clock that the test moves."""

from __future__ import annotations

from itertools import pairwise

import pytest

from progress_run.recorder.eta import Meter, remaining


class Story:
    """A bar and its meter: `go` lets it run at a pace for some time, in steps."""

    def __init__(self) -> None:
        self.meter = Meter()
        self.t = self.done = 0.0
        self.meter.observe(0.0, 0.0)

    def go(self, pace: float, seconds: float, every: float = 0.1) -> None:
        for _ in range(round(seconds / every)):
            self.t += every
            self.done += pace * every
            self.meter.observe(self.t, self.done)

    def left(self, total: float) -> float:
        assert self.meter.rate is not None
        return (total - self.done) / self.meter.rate


def test_nothing_is_said_before_something_is_known() -> None:
    story = Story()
    assert story.meter.rate is None
    story.go(pace=10, seconds=0.3)
    assert story.meter.rate is None
    story.go(pace=10, seconds=0.4)
    assert story.meter.rate == pytest.approx(10)


def test_a_steady_bar_is_told_to_the_second() -> None:
    story = Story()
    story.go(pace=7, seconds=60)
    assert story.left(total=840) == pytest.approx(60)


def test_it_begins_where_it_is_found() -> None:
    """A training that goes on from its checkpoint has not done the first half in no time."""
    meter = Meter()
    for second in range(10):
        meter.observe(100.0 + second, 5000.0 + second)
    assert meter.rate == pytest.approx(1)


@pytest.mark.parametrize(("before", "after"), [(10, 1), (1, 10), (100, 1), (1, 100)])
def test_a_change_of_pace_is_followed_within_the_time_it_matters(before: float, after: float) -> None:
    """A minute at one pace, then another: by the time that as long has passed again, it says what is true."""
    story = Story()
    story.go(before, seconds=60)
    story.go(after, seconds=60)
    assert story.meter.rate == pytest.approx(after, rel=1.0)
    story.go(after, seconds=60)
    assert story.meter.rate == pytest.approx(after, rel=0.15)


def test_a_slow_minute_does_not_throw_a_bar_of_ten_hours() -> None:
    story = Story()
    story.go(pace=10, seconds=5 * 3600, every=10)
    story.go(pace=1, seconds=60, every=10)
    assert story.left(total=360_000) == pytest.approx(5 * 3600, rel=0.1)


def test_the_second_round_knows_nothing_of_the_first() -> None:
    story = Story()
    story.go(pace=100, seconds=30)
    story.done = 0.0
    story.meter.observe(story.t, 0.0)
    assert story.meter.rate is None
    story.go(pace=2, seconds=3)
    assert story.meter.rate == pytest.approx(2)


def test_progress_in_leaps_is_no_faster_than_it_is() -> None:
    """A batch of fifty every ten seconds, each written in a burst: five a second, at any moment."""
    meter, rates = Meter(), []
    for batch in range(60):
        for item in range(50):
            meter.observe(10.0 * batch + 0.001 * item, 50.0 * batch + item)
            rates.append(meter.rate)
    assert all(rate == pytest.approx(5, rel=0.1) for rate in rates[500:])


def test_time_goes_by_between_two_reports_of_the_same_number() -> None:
    meter = Meter()
    for second in range(61):
        meter.observe(float(second), float(second // 20))
    assert meter.rate == pytest.approx(1 / 20)


def test_a_pause_is_no_slowness() -> None:
    story = Story()
    story.go(pace=10, seconds=20)
    story.t += 600
    story.meter.rest(story.t)
    story.go(pace=10, seconds=5)
    assert story.meter.rate == pytest.approx(10)


def test_time_left_never_rises_at_a_steady_pace() -> None:
    story, lefts = Story(), []
    for _ in range(100):
        story.go(pace=3, seconds=1)
        lefts.append(story.left(total=400))
    assert all(later < sooner for sooner, later in pairwise(lefts))


def test_what_is_left_in_units_in_percent_or_not_at_all() -> None:
    assert remaining(30, 120, None) == 90
    assert remaining(130, 120, None) == 0
    assert remaining(None, None, 42) == 58
    assert remaining(100, None, 25) == pytest.approx(300)
    assert remaining(100, None, None) is None
    assert remaining(0, None, 0) is None
    assert remaining(None, None, None) is None
