"""The links of a run: what each allows, who watches by it, and its end."""

from __future__ import annotations

import http.client
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from tests.support.asking import ask, link_id
from tests.support.clients import Publisher, Viewer, new_token
from tests.support.hub import Hub, wait_until
from tests.support.owned_run import OwnedRun

from progress_run.protocol import LABEL_CHARACTERS, LINKS_PER_RUN, ListedLink

CUT_SECONDS = 2.0
"""How long whoever is in by a link may stay when it has ended."""


@pytest.fixture
def run(hub: Hub) -> Iterator[OwnedRun]:
    """A run with some output, and an owner."""
    with OwnedRun(hub) as made:
        made.append_all(b"hello\n")
        yield made


def is_cut(viewer: Viewer, since: float) -> bool:
    """Whether a viewer was cut, within the time that is promised."""
    viewer.wait_for(lambda: not viewer.socket.connected, "the viewer is cut")
    return time.monotonic() - since < CUT_SECONDS


def test_the_publishers_links_are_known_by_their_roles(run: OwnedRun) -> None:
    found = run.links()
    assert {label: (link["role"], link["id"]) for label, link in found.items()} == {
        "view": ("view", link_id(run.token)),
        "owner": ("owner", link_id(run.owner)),
    }
    assert found["view"].keys() == ListedLink.__annotations__.keys()


@pytest.mark.parametrize("role", ["view", "control", "type"])
def test_a_new_link_allows_what_it_was_made_for(hub: Hub, run: OwnedRun, role: str) -> None:
    added = run.add(role, label="Ann", expires=time.time() + 3600)
    assert hub.info(added["token"])["role"] == role
    listed = run.links()["Ann"]
    assert listed == {name: value for name, value in added.items() if name != "token"}
    assert added["token"] not in str(run.links())
    with Viewer(hub, added["token"]) as viewer:
        assert viewer.output == b"hello\n"
        assert viewer.run["role"] == role


def test_a_link_without_a_label_is_called_by_its_role_and_labels_are_harmless(run: OwnedRun) -> None:
    assert run.add("control")["label"] == "control"
    assert run.add(label="\x1b[31m\u202eA\nnn" + "x" * 999)["label"] == ("[31mA nn" + "x" * 999)[:LABEL_CHARACTERS]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"role": "owner"},
        {"role": "admin"},
        {"role": ["view"]},
        {"role": "view", "label": 3},
        {"role": "view", "expires": "soon"},
        {"role": "view", "expires": 1.0},
        {"role": "view", "expires": True},
        ["view"],
        {"role": "view", "label": "x" * 9000},
    ],
)
def test_what_cannot_be_a_link_is_refused_in_words(run: OwnedRun, body: Any) -> None:
    answer = run.ask("POST", "", body)
    assert (answer.status, answer.body[-2:]) == (400, b".\n")
    assert len(run.links()) == 2


def test_who_watches_is_counted_by_link(hub: Hub, run: OwnedRun) -> None:
    ann = run.add(label="Ann")["token"]
    with Viewer(hub, ann), Viewer(hub, ann), Viewer(hub, run.token):
        assert {label: link["watching"] for label, link in run.links().items()} == {"view": 1, "owner": 0, "Ann": 2}
    wait_until(lambda: run.links()["Ann"]["watching"] == 0, "they have gone")


def test_a_revoked_link_leads_nowhere_and_cuts_who_is_in_by_it_alone(hub: Hub, run: OwnedRun) -> None:
    ann = run.add(label="Ann")["token"]
    with Viewer(hub, ann) as cut, Viewer(hub, ann, ["polling"]) as polling, Viewer(hub, run.token) as other:
        since = time.monotonic()
        assert run.revoke(ann).status == 204
        assert is_cut(cut, since)
        assert hub.status(f"/r/{ann}/info") == 404
        with Viewer(hub, ann) as again:
            assert again.refused is not None
            assert again.refused["code"] == "bad_link"
        wait_until(lambda: run.links()["Ann"]["watching"] == 0, "nobody is in by it")
        run.append_all(b"secret\n")
        other.wait_for(lambda: other.output == b"hello\nsecret\n", "who has another link goes on watching")
        assert cut.output == polling.output == b"hello\n"
    assert run.revoke(ann).status == 404
    assert run.links()["Ann"]["revoked"] is not None


def test_who_is_in_by_a_revoked_link_is_cut_though_that_takes_its_time_to_become_durable(own_hub: Hub) -> None:
    with OwnedRun(own_hub) as run, closing(sqlite3.connect(own_hub.data / "hub.db", isolation_level=None)) as other:
        ann = run.add(label="Ann")["token"]
        with Viewer(own_hub, ann) as viewer:
            other.execute("BEGIN IMMEDIATE")
            assert run.revoke(ann).status == 503
            is_cut(viewer, time.monotonic())
        with Viewer(own_hub, ann) as again:  # nobody knows yet whether it will be
            other.execute("ROLLBACK")
            wait_until(lambda: run.links()["Ann"]["revoked"] is not None, "it is revoked in the end")
            assert run.revoke(ann).status == 404
            is_cut(again, time.monotonic())


def test_a_stream_over_http_ends_when_its_link_is_revoked(hub: Hub, run: OwnedRun) -> None:
    ann = run.add(label="Ann")["token"]
    with closing(http.client.HTTPConnection("127.0.0.1", hub.port, timeout=20)) as connection:
        connection.request("GET", f"/r/{ann}.txt")
        stream = connection.getresponse()
        assert stream.readline() == b"hello\n"
        since = time.monotonic()
        assert run.revoke(ann).status == 204
        with pytest.raises((http.client.HTTPException, OSError)):
            while stream.read(1):
                pass
            raise http.client.IncompleteRead(b"")  # how the end of a stream looks that has no length
        assert time.monotonic() - since < CUT_SECONDS


def test_an_expired_link_leads_nowhere_and_cuts_who_is_in_by_it(hub: Hub, run: OwnedRun) -> None:
    expires = time.time() + 1.5
    ann = run.add(label="Ann", expires=expires)["token"]
    with Viewer(hub, ann) as viewer:
        viewer.wait_for(lambda: not viewer.socket.connected, "the viewer is cut")
        assert expires <= time.time() < expires + CUT_SECONDS
    assert hub.status(f"/r/{ann}/info") == 404
    assert run.links()["Ann"]["expires"] == expires


def test_every_link_that_leads_nowhere_is_answered_alike(hub: Hub, run: OwnedRun) -> None:
    control, expired = run.add("type")["token"], run.add("view", expires=time.time() + 0.2)["token"]
    revoked = run.add("type")["token"]
    run.revoke(revoked)
    wait_until(lambda: hub.status(f"/r/{expired}/info") == 404, "it has expired")
    nowhere = ask(hub, "GET", f"/r/{new_token()}/info")
    assert nowhere.status == 404
    wrong = [new_token(), "short", control, run.token, revoked, expired]
    known = link_id(run.token)
    for method, path, body in (("GET", "", None), ("POST", "", {"role": "view"}), ("DELETE", f"/{known}", None)):
        assert [ask(hub, method, f"/r/{token}/links{path}", body) for token in wrong] == [nowhere] * len(wrong)
    assert run.links()["view"]["revoked"] is None
    assert hub.status(f"/r/{run.token}/info") == 200


def test_the_link_one_uses_is_not_revoked_by_itself(run: OwnedRun) -> None:
    assert run.revoke(run.owner).status == 409
    assert run.ask("DELETE", "/0123456789abcdef").status == 404
    assert run.links()["owner"]["revoked"] is None


def test_a_run_has_so_many_links_and_those_that_have_ended_do_not_count(run: OwnedRun) -> None:
    tokens = [run.add()["token"] for _ in range(LINKS_PER_RUN - 2)]
    refused = run.ask("POST", "", {"role": "view"})
    assert (refused.status, str(LINKS_PER_RUN) in refused.body.decode()) == (409, True)
    run.revoke(tokens[0])
    assert run.add()["role"] == "view"
    assert run.ask("POST", "", {"role": "view"}).status == 409


def test_what_has_ended_is_forgotten_in_time(run: OwnedRun) -> None:
    for _ in range(70):
        run.revoke(run.add()["token"])
    assert len(run.ask("GET").json) <= 66
    assert {"view", "owner"} <= run.links().keys()


def test_revoked_links_and_new_ones_stay_when_the_publisher_and_the_hub_come_back(own_hub: Hub) -> None:
    with OwnedRun(own_hub) as first:
        ann = first.add(label="Ann")["token"]
        first.revoke(first.token)
    own_hub.restart()
    with OwnedRun(own_hub, first):
        assert own_hub.info(ann)["id"] == first.run
        assert own_hub.status(f"/r/{first.token}/info") == 404


def test_the_token_of_a_link_that_has_ended_opens_no_new_run(hub: Hub, run: OwnedRun) -> None:
    ann = run.add()["token"]
    run.revoke(ann)
    with Publisher(hub, token=ann) as other:
        assert other.open()["error"]["code"] == "taken"


def test_the_hubs_owner_gets_in_again_by_the_list(hub: Hub, run: OwnedRun) -> None:
    def link() -> str:
        token: str = ask(hub, "POST", f"/api/runs/{run.run}/link", key=hub.owner_key).json["token"]
        return token

    token = link()
    assert run.links()["list"]["id"] == link_id(token)
    run.revoke(token)
    assert hub.status(f"/r/{token}/info") == 404
    assert link() == token
    assert hub.info(token)["role"] == "view"
