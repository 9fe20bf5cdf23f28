"""Which signals the job is sent: what the runner alone got, never what the job got too, however slow the runner is."""

from __future__ import annotations

from signal import SIGINT, SIGTERM

from hypothesis import given
from hypothesis import strategies as st

from progress_run.recorder.relay import Relay


def test_what_the_runner_alone_got_is_sent_once_all_is_quiet() -> None:
    relay = Relay()
    relay.passed_on(SIGINT)
    relay.passed_on(SIGTERM)
    assert relay.quiet(all_read=True) == {SIGINT, SIGTERM}
    assert not relay.waits
    assert relay.quiet(all_read=True) == set()


def test_what_both_got_is_not_sent_whoever_is_first() -> None:
    relay = Relay()
    assert relay.got(SIGINT)
    relay.passed_on(SIGINT)
    relay.passed_on(SIGTERM)
    assert not relay.got(SIGTERM)
    assert not relay.waits


def test_a_runner_that_has_not_read_may_yet_pass_on() -> None:
    relay = Relay()
    relay.got(SIGINT)
    for _ in range(100):
        assert relay.quiet(all_read=False) == set()
    relay.passed_on(SIGINT)
    assert not relay.waits


def test_what_the_runner_never_got_is_forgotten_once_it_has_read() -> None:
    relay = Relay()
    relay.got(SIGINT)
    relay.quiet(all_read=True)
    relay.quiet(all_read=True)
    assert not relay.waits
    relay.passed_on(SIGINT)
    assert relay.quiet(all_read=True) == {SIGINT}


def test_a_signal_to_both_does_not_stand_for_a_later_one_to_the_runner() -> None:
    relay = Relay()
    relay.got(SIGINT)
    relay.passed_on(SIGINT)
    relay.passed_on(SIGINT)
    assert relay.quiet(all_read=False) == {SIGINT}


@given(st.lists(st.sampled_from(["both", "runner"]), max_size=10), st.data())
def test_each_is_sent_as_often_as_the_runner_alone_got_it(signals: list[str], data: st.DataObject) -> None:
    """One after the other, each with the runner as slow as it likes."""
    relay, sent = Relay(), 0
    for whom in signals:
        if whom == "both":
            relay.got(SIGINT)
            for _ in range(data.draw(st.integers(0, 3))):
                sent += len(relay.quiet(all_read=False))
        relay.passed_on(SIGINT)
        while relay.waits:
            sent += len(relay.quiet(all_read=True))
    assert sent == signals.count("runner")
