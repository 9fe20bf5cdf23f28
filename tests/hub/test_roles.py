"""What a role allows."""

from __future__ import annotations

import pytest

from progress_run.protocol import ROLES, at_least


@pytest.mark.parametrize(("place", "role"), [*enumerate(ROLES)])
def test_a_role_allows_what_those_before_it_do_and_no_more(place: int, role: str) -> None:
    assert tuple(wanted for wanted in ROLES if at_least(role, wanted)) == ROLES[: place + 1]


@pytest.mark.parametrize("role", ["", "admin", "View"])
def test_a_word_that_is_no_role_allows_nothing(role: str) -> None:
    assert not any(at_least(role, wanted) for wanted in ROLES)
