"""The checker finds each kind of fault: on a history without any it is silent, on others it counts the very bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.faults.checker import Death, History, Verdict, judge, judge_copy
from tests.faults.noise import noise

TRUTH = noise(1, 10_000)
A, B, C, D = TRUTH[:1000], TRUTH[1000:3000], TRUTH[3000:6000], TRUTH[6000:]


def test_the_truth_itself_is_flawless() -> None:
    history = History(TRUTH, {"one": TRUTH, "other": bytes(TRUTH)}, [Death(500, 500), Death(500, 10_000)])
    assert judge(history).flawless


FAULTS = {
    "hole": (A + C + D, Verdict(lost=2000, equal=False)),
    "no end": (A + B + C, Verdict(lost=4000, equal=False)),
    "nothing": (b"", Verdict(lost=10_000, equal=False)),
    "last byte": (TRUTH[:-1], Verdict(lost=1, equal=False)),
    "repeated": (A + B + B + C + D, Verdict(duplicated=2000, equal=False)),
    "from the start": (TRUTH + A, Verdict(duplicated=1000, equal=False)),
    "swapped": (A + C + B + D, Verdict(reordered=2000, equal=False)),
    "late": (A + C + B + C + D, Verdict(reordered=2000, duplicated=3000, equal=False)),
    "inserted": (A + b"x" * 50 + B + C + D, Verdict(foreign=50, equal=False)),
    "overwritten": (A + bytes(2000) + C + D, Verdict(lost=2000, foreign=2000, equal=False)),
    "one bit": (A + B[:-1] + bytes([B[-1] ^ 1]) + C + D, Verdict(lost=1, foreign=1, equal=False)),
}


@pytest.mark.parametrize(("copy", "expected"), FAULTS.values(), ids=FAULTS)
def test_each_fault_is_reported(copy: bytes, expected: Verdict) -> None:
    assert judge_copy(TRUTH, copy) == expected


def test_an_ack_of_what_is_not_durable_is_reported() -> None:
    assert judge(History(TRUTH, {}, [Death(5, 9), Death(700, 600)])) == Verdict(undurable=100)


def test_one_bad_copy_among_good_ones_is_reported() -> None:
    assert judge(History(TRUTH, {"good": TRUTH, "bad": A})) == Verdict(lost=9000, equal=False)


@given(st.permutations([A, B, C, D]), st.integers(0, 3))
def test_every_other_order_is_reported(pieces: list[bytes], missing: int) -> None:
    whole, part = judge_copy(TRUTH, b"".join(pieces)), judge_copy(TRUTH, b"".join(pieces[:missing]))
    assert whole.lost == whole.duplicated == whole.foreign == 0
    assert (whole.reordered == 0) == whole.flawless == (pieces == [A, B, C, D])
    assert part.lost == sum(map(len, pieces[missing:]))
