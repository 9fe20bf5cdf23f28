"""The hub's keys: what each admits to, and its end; and runs that are shown to those alone who have one."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from typing import Any

import pytest
from tests.support.asking import Answer, ask
from tests.support.clients import Client, ListWatcher, Publisher, Viewer, new_token
from tests.support.hub import Hub, wait_until

from progress_run.protocol import ListedKey

CUT_SECONDS = 2.0
"""How long whoever is in by a key may stay when it is revoked."""


def add(hub: Hub, name: str, kind: str = "publish") -> dict[str, Any]:
    """A new key."""
    answer = ask(hub, "POST", "/api/keys", {"name": name, "kind": kind}, hub.owner_key)
    assert answer.status == 201, answer
    added: dict[str, Any] = answer.json
    return added


def revoke(hub: Hub, key: dict[str, Any]) -> None:
    """End a key."""
    assert ask(hub, "DELETE", f"/api/keys/{key['id']}", key=hub.owner_key).status == 204


def listed(hub: Hub) -> dict[str, dict[str, Any]]:
    """All keys, by their names."""
    return {key["name"]: key for key in ask(hub, "GET", "/api/keys", key=hub.owner_key).json}


def is_cut(client: Client, since: float) -> bool:
    """Whether a client was cut, within the time that is promised."""
    client.wait_for(lambda: not client.socket.connected, "the client is cut")
    return time.monotonic() - since < CUT_SECONDS


def test_the_keys_of_the_files_are_there_and_stay(hub: Hub) -> None:
    found = listed(hub)
    assert (found["key"]["kind"], found["owner_key"]["kind"]) == ("publish", "owner")
    assert found["key"].keys() == ListedKey.__annotations__.keys()
    for name in ("key", "owner_key"):
        assert ask(hub, "DELETE", f"/api/keys/{name}", key=hub.owner_key).status == 409


def test_a_publish_key_publishes_and_nothing_else(hub: Hub) -> None:
    key = add(hub, "ci")["key"]
    with Publisher(hub, key=key) as publisher:
        assert "error" not in publisher.open()
    with ListWatcher(hub, key) as watcher:
        assert watcher.refused is not None
    assert ask(hub, "GET", "/api/runs", key=key).status == 401
    assert ask(hub, "GET", "/api/keys", key=key).status == 401
    assert ask(hub, "GET", "/api/key", key=key).json["name"] == "ci"


def test_an_owner_key_opens_the_list_and_does_not_publish(hub: Hub) -> None:
    key = add(hub, "boss", "owner")["key"]
    with ListWatcher(hub, key) as watcher:
        assert watcher.refused is None
    assert ask(hub, "GET", "/api/runs", key=key).status == 200
    with Publisher(hub, key=key) as publisher:
        assert publisher.refused is not None
        assert publisher.refused["code"] == "bad_key"


def test_only_the_sum_of_a_key_is_kept_and_when_it_was_used(hub: Hub) -> None:
    added = add(hub, "ci-2")
    assert listed(hub)["ci-2"]["last_used"] is None
    before = time.time()
    with Publisher(hub, key=added["key"]):
        pass
    assert listed(hub)["ci-2"]["last_used"] >= before
    with closing(sqlite3.connect(hub.data / "hub.db")) as database:
        assert added["key"] not in "\n".join(database.iterdump())
    assert added["key"] not in hub.log


def test_a_revoked_key_is_refused_and_cuts_who_is_in_by_it_alone(hub: Hub) -> None:
    publishes, owns = add(hub, "lost"), add(hub, "lost too", "owner")
    with Publisher(hub, key=publishes["key"]) as cut, Publisher(hub) as other:
        cut.open()
        other.open()
        with ListWatcher(hub, owns["key"]) as watcher, ListWatcher(hub) as other_watcher:
            since = time.monotonic()
            revoke(hub, publishes)
            revoke(hub, owns)
            assert is_cut(cut, since)
            assert is_cut(watcher, since)
            other.append_all(b"goes on\n")
            assert other_watcher.socket.connected
    with Publisher(hub, key=publishes["key"]) as again:
        assert again.refused is not None
    assert ask(hub, "GET", "/api/runs", key=owns["key"]).status == 401
    assert ask(hub, "GET", "/api/key", key=publishes["key"]).status == 401
    assert ask(hub, "DELETE", f"/api/keys/{owns['id']}", key=hub.owner_key).status == 404
    assert listed(hub)["lost"]["revoked"] is not None


def test_keys_outlive_the_hub(own_hub: Hub) -> None:
    kept, lost = add(own_hub, "kept"), add(own_hub, "lost")
    revoke(own_hub, lost)
    before = time.time()
    with Publisher(own_hub, key=kept["key"]):
        pass
    wait_until(lambda: noted(own_hub, kept["id"]) >= before, "it is noted that the key was used")
    own_hub.restart()
    assert listed(own_hub)["kept"]["last_used"] >= before
    with Publisher(own_hub, key=kept["key"]) as publisher, Publisher(own_hub, key=lost["key"]) as refused:
        assert publisher.refused is None
        assert refused.refused is not None


def noted(hub: Hub, key_id: str) -> float:
    """When a key was last used, as the database has it."""
    with closing(sqlite3.connect(hub.data / "hub.db")) as database:
        ((last_used,),) = database.execute("SELECT last_used FROM keys WHERE id = ?", (key_id,))
    return last_used or 0.0


@pytest.mark.parametrize(
    "body",
    [{}, {"name": "x"}, {"name": "", "kind": "publish"}, {"name": 3, "kind": "owner"}, {"name": "x", "kind": []}],
)
def test_what_cannot_be_a_key_is_refused_in_words(hub: Hub, body: Any) -> None:
    answer = ask(hub, "POST", "/api/keys", body, hub.owner_key)
    assert (answer.status, answer.body[-2:]) == (400, b".\n")


# --- private runs

PATHS = ("/info", "/output", "/events", ".txt", ".html", "/index", "/search?q=x", "/links", "/badge.svg")


def private(hub: Hub) -> Publisher:
    """A run that is private."""
    publisher = Publisher(hub)
    publisher.open(meta={"private": True})
    publisher.append_all(b"secret\n")
    return publisher


def wrong_keys(hub: Hub) -> list[str | None]:
    """What opens no private run."""
    lost = add(hub, "lost")
    revoke(hub, lost)
    return [None, "", new_token(), lost["key"], "é"]


def test_a_private_run_is_shown_to_no_link_alone(hub: Hub) -> None:
    with private(hub) as run:
        wrong = wrong_keys(hub)
        answers: set[Any] = set()
        for path in PATHS:
            for key in wrong[:-1]:
                answer = ask(hub, "GET", f"/r/{run.token}{path}", key=key)
                answers.add((answer.status, tuple(sorted(answer.headers.items())), answer.body))
        (uniform,) = answers
        assert uniform[0] == 401
        assert ("www-authenticate", "Bearer") in uniform[1]
        assert b"secret" not in uniform[2]
        for key in wrong:
            with Viewer(hub, run.token, key=key) as viewer:
                assert viewer.refused is not None
                assert viewer.refused["code"] == "bad_key"
        assert ask(hub, "GET", f"/r/{new_token()}/info").status == 404
        assert ask(hub, "GET", f"/r/{new_token()}/info", key=hub.key).status == 404


def test_a_private_run_is_shown_with_any_key_of_the_hub(hub: Hub) -> None:
    with private(hub) as run:
        for key in (hub.key, hub.owner_key, add(hub, "ann")["key"]):
            assert output(hub, run, key).body == b"secret\n"
            with Viewer(hub, run.token, key=key) as viewer:
                assert (viewer.output, viewer.run["private"]) == (b"secret\n", True)


def output(hub: Hub, run: Publisher, key: str | None) -> Answer:
    """What a run has written."""
    return ask(hub, "GET", f"/r/{run.token}/output", key=key)


def test_the_page_of_a_private_run_is_there_to_ask_for_the_key(hub: Hub) -> None:
    with private(hub) as run, Publisher(hub) as public:
        public.open()
        assert ask(hub, "GET", f"/r/{run.token}").body == ask(hub, "GET", f"/r/{public.token}").body


def test_who_watches_a_private_run_leaves_with_the_key(hub: Hub) -> None:
    key = add(hub, "ann")
    with private(hub) as run, Viewer(hub, run.token, key=key["key"]) as viewer:
        since = time.monotonic()
        revoke(hub, key)
        assert is_cut(viewer, since)
        assert output(hub, run, key["key"]).status == 401
