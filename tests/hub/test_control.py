"""What viewers ask of a job, on its way through the hub: handed on to the one publisher, refused, never lost."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from tests.support.asking import ask, link_id
from tests.support.clients import Publisher, Viewer, new_token, sha256
from tests.support.hub import Hub

from progress_run.protocol import ROLES

META = {"name": "job", "command": ["job"], "started": time.time(), "pty": True, "control": "all"}


@pytest.fixture
def tokens() -> dict[str, str]:
    """A link of each role."""
    return {role: new_token() for role in ROLES}


@pytest.fixture
def publisher(hub: Hub, tokens: dict[str, str]) -> Iterator[Publisher]:
    """A publisher of one run that may be controlled, opened."""
    with Publisher(hub) as running:
        open_again(running, tokens)
        yield running


def open_again(publisher: Publisher, tokens: dict[str, str]) -> None:
    links = [{"role": role, "sha256": sha256(token.encode())} for role, token in tokens.items()]
    position = publisher.open(meta=META, links=links)
    publisher.end, publisher.events_end = position["end"], position["events_end"]


@pytest.mark.parametrize(
    ("do", "allowed"),
    [
        ({"do": "stop"}, ["control", "type", "owner"]),
        ({"do": "signal", "signal": "HUP"}, ["control", "type", "owner"]),
        ({"do": "pause"}, ["control", "type", "owner"]),
        ({"do": "continue"}, ["control", "type", "owner"]),
        ({"do": "type", "data": "yes\r"}, ["type", "owner"]),
    ],
)
def test_each_role_may_what_it_says(
    hub: Hub, publisher: Publisher, tokens: dict[str, str], do: dict[str, str], allowed: list[str]
) -> None:
    with ExitStack() as stack:
        viewers = {role: stack.enter_context(Viewer(hub, token)) for role, token in tokens.items()}
        asked = {role: viewer.ask(**do) for role, viewer in viewers.items()}
        for role, viewer in viewers.items():
            expected = ("forwarded", None) if role in allowed else ("refused", "role")
            assert viewer.result(asked[role]) == expected
        publisher.wait_for(lambda: len(publisher.controls) >= len(allowed), "the requests")
    about = {"run": publisher.run, "epoch": publisher.epoch}
    handed_on = sorted(publisher.controls, key=lambda each: allowed.index(each["by"]))
    assert handed_on == [{**about, **do, "id": asked[role], "by": role} for role in allowed]


def test_an_answer_is_waited_for(hub: Hub, publisher: Publisher, tokens: dict[str, str]) -> None:
    """A publisher that comes back is asked again what the last one has not answered."""
    with Viewer(hub, tokens["owner"]) as viewer:
        answered, lost = viewer.ask("pause"), viewer.ask("stop")
        publisher.wait_for(lambda: len(publisher.controls) == 2, "both requests")
        publisher.event({"kind": "control", "id": answered, "do": "pause", "by": "owner", "state": "accepted"})
        with Publisher(hub, publisher.run, epoch=2) as successor:
            open_again(successor, tokens)
            successor.wait_for(lambda: bool(successor.controls), "the other request again")
            assert [(each["id"], each["epoch"]) for each in successor.controls] == [(lost, 2)]
            viewer.wait_for(lambda: viewer.states(answered) == ["accepted"], "the answer")


def test_what_was_asked_by_a_link_that_is_revoked_since_is_not_asked_again(
    hub: Hub, publisher: Publisher, tokens: dict[str, str]
) -> None:
    links = f"/r/{tokens['owner']}/links"
    revoked = ask(hub, "POST", links, {"role": "control"}).json["token"]
    for token in (revoked, tokens["owner"]):
        with Viewer(hub, token) as viewer:
            viewer.result(viewer.ask("pause"))
    publisher.wait_for(lambda: len(publisher.controls) == 2, "both requests")
    assert ask(hub, "DELETE", f"{links}/{link_id(revoked)}").status == 204
    with Publisher(hub, publisher.run, epoch=2) as successor:
        open_again(successor, tokens)
        successor.wait_for(lambda: bool(successor.controls), "what the owner has asked")
        assert [each["by"] for each in successor.controls] == ["owner"]


def test_a_runner_that_knows_nothing_of_it_is_not_asked(hub: Hub) -> None:
    with Publisher(hub) as publisher:
        publisher.open(links=[{"role": "owner", "sha256": sha256(publisher.token.encode())}])
        with Viewer(hub, publisher.token) as viewer:
            assert viewer.result(viewer.ask("stop")) == ("refused", "not_allowed")


def test_what_is_done_to_a_job_is_no_sign_of_its_life(hub: Hub, publisher: Publisher, tokens: dict[str, str]) -> None:
    publisher.event({"kind": "control", "id": new_token(), "do": "pause", "by": "owner", "state": "accepted"})
    assert hub.info(tokens["view"])["spoke"] is None
