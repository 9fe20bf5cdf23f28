"""Every route and every event, with every credential that isn't the right one: denied in the same way, without a trace.

A new route or event fails here until it is listed with what it needs.
"""

from __future__ import annotations

import http.client
import json
import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import pytest
from tests.support.asking import ask
from tests.support.clients import Publisher, Viewer, new_token, sha256
from tests.support.hostile import RawWebSocket
from tests.support.hub import MODES, START_SECONDS, Hub, environment, wait_until

from progress_run import protocol

OUTPUT = b"the password is swordfish\n"
NOTHING, LINK, PAGE, OWNER_LINK = "nothing", "a link", "a link, and no key", "an owner link"
KEY, OWNER_KEY = "a key", "an owner key"

ROUTES = {
    "GET /": NOTHING,
    "GET /healthz": NOTHING,
    "GET /assets/<path:name>": NOTHING,
    "GET /r/<token>": PAGE,
    "GET /r/<token>.txt": LINK,
    "GET /r/<token>.ansi": LINK,
    "GET /r/<token>.cast": LINK,
    "GET /r/<token>.html": LINK,
    "GET /r/<token>/info": LINK,
    "GET /r/<token>/output": LINK,
    "GET /r/<token>/events": LINK,
    "GET /r/<token>/metrics.csv": LINK,
    "GET /r/<token>/badge.svg": LINK,
    "GET /r/<token>/at": LINK,
    "GET /r/<token>/density": LINK,
    "GET /r/<token>/index": LINK,
    "GET /r/<token>/timing": LINK,
    "GET /r/<token>/search": LINK,
    "GET /r/<token>/links": OWNER_LINK,
    "POST /r/<token>/links": OWNER_LINK,
    "DELETE /r/<token>/links/<link_id>": OWNER_LINK,
    "GET /api/key": KEY,
    "GET /api/keys": OWNER_KEY,
    "POST /api/keys": OWNER_KEY,
    "DELETE /api/keys/<key_id>": OWNER_KEY,
    "GET /api/runs": OWNER_KEY,
    "POST /api/runs/<run_id>/link": OWNER_KEY,
    "POST /api/runs/<run_id>/keep": OWNER_KEY,
    "DELETE /api/runs/<run_id>/keep": OWNER_KEY,
    "DELETE /api/runs/<run_id>": OWNER_KEY,
}
"""What each needs; the last one leaves nothing to ask for."""
BODIES = {
    "POST /r/<token>/links": {"role": "view", "label": "one more", "expires": None},
    "POST /api/keys": {"name": "one more", "kind": "owner"},
}

OTHER_LINK = {"role": "view", "sha256": "0" * 64}
ATTACHMENT = {"_placeholder": True, "num": 0}
NOTE = {"seq": 0, "t": 0, "at": 0, "kind": "note", "text": "not mine"}

EVENTS: dict[tuple[str, str], Callable[[str], dict[str, Any]]] = {
    (protocol.PUBLISH, "open"): lambda run: {"run": run, "epoch": 9, "meta": {}, "links": [OTHER_LINK]},
    (protocol.PUBLISH, "append"): lambda run: {"run": run, "epoch": 1, "at": len(OUTPUT), "t": 0, "data": ATTACHMENT},
    (protocol.PUBLISH, "event"): lambda run: {"run": run, "epoch": 1, "events": [NOTE]},
    (protocol.PUBLISH, "seal"): lambda run: {"run": run, "epoch": 1, "size": 0, "sha256": sha256(b"")},
    (protocol.PUBLISH, "blocks"): lambda run: {"run": run, "epoch": 1, "from": 0},
    (protocol.WATCH, "watch"): lambda _run: {"from": 0, "events_from": 0},
    (protocol.WATCH, "control"): lambda _run: {"id": new_token(), "do": "stop"},
}
"""What is sent in each, about a run."""


@dataclass
class Prepared:
    """A hub with a run that nobody publishes, and all the credentials that are not, or no longer, the right ones."""

    hub: Hub
    run: str
    links: dict[str, str]
    """Tokens of the run, by their role; and those that are `revoked` and `expired`."""
    keys: dict[str, str]
    """Keys of the hub, by their kind; and of those that are revoked."""
    other: Owned
    private: str
    """A link of a run that takes a key beside it."""
    link_id: str
    """Of a link that is there to be revoked."""
    key_id: str

    @property
    def is_compacted(self) -> bool:
        """Whether the hub has done what it does of itself with runs that are over."""
        with closing(sqlite3.connect(f"file:{self.hub.data}/hub.db?mode=ro", uri=True)) as store:
            return bool(store.execute("SELECT count(*) FROM runs WHERE NOT compacted").fetchone() == (0,))

    @property
    def state(self) -> dict[str, list[Any]]:
        """All that the hub has stored."""
        with closing(sqlite3.connect(f"file:{self.hub.data}/hub.db?mode=ro", uri=True)) as store:
            tables = [name for (name,) in store.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            return {name: sorted(store.execute(f"SELECT * FROM {name}"), key=repr) for name in tables}


@pytest.fixture(scope="module", params=MODES)
def prepared(request: pytest.FixtureRequest) -> Iterator[Prepared]:
    """The hub was started anew since: what it still had to note, it has noted."""
    with Hub(request.param, "--failures-per-minute", "0") as hub:
        run, other, private = (finished(hub, **meta) for meta in ({}, {}, {"private": True}))
        links = {"owner": run.owner_token, "view": run.token}
        for name, expires in (("control", None), ("type", None), ("revoked", None), ("expired", time.time() + 1)):
            role = name if name in protocol.ROLES else "view"
            added = ask(
                hub, "POST", f"/r/{run.owner_token}/links", {"role": role, "label": name, "expires": expires}
            ).json
            links[name], link_id = added["token"], added["id"]
            if name == "revoked":
                assert ask(hub, "DELETE", f"/r/{run.owner_token}/links/{link_id}").status == 204
        keys = {"publish": hub.key, "owner": hub.owner_key}
        for kind in ("publish", "owner"):
            added = ask(hub, "POST", "/api/keys", {"name": kind, "kind": kind}, hub.owner_key).json
            keys[f"revoked {kind}"] = added["key"]
            assert ask(hub, "DELETE", f"/api/keys/{added['id']}", key=hub.owner_key).status == 204
        key_id = ask(hub, "POST", "/api/keys", {"name": "one", "kind": "publish"}, hub.owner_key).json["id"]
        wait_until(lambda: hub.status(f"/r/{links['expired']}/info") == 404, "that a link has expired")
        hub.restart()
        made = Prepared(hub, run.run, links, keys, other, private.token, link_id, key_id)
        wait_until(lambda: made.is_compacted, "that the hub has put its chunks together")
        yield made


class Owned(Publisher):
    """A publisher whose run has an owner link, too."""

    owner_token = ""

    def open(self, **changes: Any) -> Any:
        """Send `open`, with some of it changed."""
        self.owner_token = new_token()
        links = [("view", self.token), ("owner", self.owner_token)]
        given = [{"role": role, "sha256": sha256(token.encode())} for role, token in links]
        return super().open(links=given, **changes)


def finished(hub: Hub, **meta: Any) -> Owned:
    """The publisher of a run that is over, and has gone."""
    publisher = Owned(hub)
    with publisher:
        publisher.open(meta={"name": "job", **meta})
        publisher.append_all(OUTPUT)
        publisher.event({"kind": "exit", "code": 0, "signal": None})
        assert publisher.seal(OUTPUT)["complete"]
    return publisher


def wrong_links(prepared: Prepared) -> dict[str, str]:
    """Tokens that lead nowhere."""
    return {
        "none": "",
        "unknown": new_token(),
        "revoked": prepared.links["revoked"],
        "expired": prepared.links["expired"],
        "too short": "a",
        "too long": "a" * 500,
        "of other letters": "malformed!",
        "a path": "..%2f..",
        "a null": "a" * 30 + "\0",
        "not ASCII": "é" * 30,
        "not UTF-8": "\udcff" * 30,
    }


def wrong_keys(prepared: Prepared) -> dict[str, str | None]:
    """`Authorization` headers that are no key of the hub's."""
    return {
        "none": None,
        "empty": "Bearer ",
        "unknown": f"Bearer {new_token()}",
        "revoked": f"Bearer {prepared.keys['revoked owner']}",
        "a revoked publisher's": f"Bearer {prepared.keys['revoked publish']}",
        "a link's": f"Bearer {prepared.links['view']}",
        "an owner link's": f"Bearer {prepared.links['owner']}",
        "of another kind": f"Basic {prepared.keys['owner']}",
        "almost right": f"Bearer {prepared.keys['owner']}x",
        "too long": f"Bearer {'a' * 5000}",
        "not ASCII": "Bearer \xe9\xe9",
    }


# --- over HTTP


class Answer(NamedTuple):
    """Status, headers but the date, and body."""

    status: int
    headers: dict[str, str]
    body: bytes


def answer(prepared: Prepared, route: str, token: str, key: str | None) -> Answer:
    """The answer of a route for credentials."""
    method, _, rule = route.partition(" ")
    places = {
        "token": quote(token, safe="", errors="surrogateescape"),
        "run_id": prepared.run,
        "link_id": prepared.link_id,
        "key_id": prepared.key_id,
        "path:name": asset(prepared.hub) if "path:name" in rule else "",
    }
    path = re.sub("<([^>]+)>", lambda match: places[match[1]], rule)
    connection = http.client.HTTPConnection("127.0.0.1", prepared.hub.port, timeout=20)
    body = json.dumps(BODIES[route]) if route in BODIES else None
    connection.request(method, path, body, {"Authorization": key} if key is not None else {})
    response = connection.getresponse()
    headers = {name: value for name, value in response.getheaders() if name not in ("Date", "Connection")}
    found = Answer(response.status, headers, response.read())
    connection.close()
    return found


def asset(hub: Hub) -> str:
    """The name of a part of the page."""
    found = re.search('"/assets/([^"]+)"', hub.get("/").decode())
    assert found, "the page is not built: run `make page`"
    return found[1]


def routes_of_the_hub(data: Path) -> list[str]:
    """What the application listens to, with its methods."""
    program = """
import json, os, sys
from progress_hub.app import create_app
rules = create_app().url_map.iter_rules()
asked = [(method, rule.rule) for rule in rules for method in rule.methods - {"HEAD", "OPTIONS"}]
print(json.dumps([" ".join(each) for each in asked]), flush=True)
os._exit(0)
"""
    command = [sys.executable, "-c", program]
    variables = {**environment(), "PROGRESS_HOME": str(data)}
    done = subprocess.run(command, env=variables, stdout=subprocess.PIPE, text=True, timeout=START_SECONDS, check=True)
    found: list[str] = json.loads(done.stdout)
    return found


def test_every_route_is_listed_with_what_it_needs(tmp_path: Path) -> None:
    assert sorted(routes_of_the_hub(tmp_path)) == sorted(ROUTES)


class Attempt(NamedTuple):
    """One wrong credential at one route."""

    route: str
    what: str
    token: str
    key: str | None


def attempts(prepared: Prepared) -> Iterator[Attempt]:
    """Every wrong credential at every route."""
    links, keys = wrong_links(prepared), wrong_keys(prepared)
    lesser = {f"a {role} link": token for role, token in prepared.links.items() if role in protocol.ROLES[:-1]}
    publishers = {"a publisher's": f"Bearer {prepared.keys['publish']}"}
    for route, need in ROUTES.items():
        if need in (LINK, PAGE, OWNER_LINK):
            for what, token in {**links, **(lesser if need == OWNER_LINK else {})}.items():
                yield Attempt(route, what, token, None)
        if need == LINK:
            for what, key in keys.items():
                yield Attempt(route, f"a private link and a key: {what}", prepared.private, key)
        if need in (KEY, OWNER_KEY):
            for what, key in {**keys, **(publishers if need == OWNER_KEY else {})}.items():
                yield Attempt(route, f"a key: {what}", prepared.links["owner"], key)


def test_every_route_denies_every_wrong_credential_in_the_same_way(prepared: Prepared) -> None:
    tried = list(attempts(prepared))
    unknown = answer(prepared, "GET /r/<token>/info", new_token(), None)
    denials = {
        **dict.fromkeys((LINK, PAGE, OWNER_LINK), unknown),
        KEY: answer(prepared, "GET /api/key", "", "Bearer wrong"),
        OWNER_KEY: answer(prepared, "GET /api/keys", "", "Bearer wrong"),
        "private": answer(prepared, "GET /r/<token>/info", prepared.private, "Bearer wrong"),
    }
    assert [denials[need].status for need in (LINK, KEY, OWNER_KEY, "private")] == [404, 401, 401, 401]
    before = prepared.state
    with ThreadPoolExecutor(16) as threads:
        answers = threads.map(lambda each: answer(prepared, each.route, each.token, each.key), tried)
        for attempt, given in zip(tried, answers, strict=True):
            need = "private" if attempt.token == prepared.private else ROUTES[attempt.route]
            assert given == denials[need], attempt
    assert prepared.state == before


def test_a_link_leads_to_its_own_run_alone(prepared: Prepared) -> None:
    before = prepared.state
    other, owner = prepared.other.token, prepared.other.owner_token
    assert json.loads(prepared.hub.get(f"/r/{other}/info"))["id"] == prepared.other.run
    assert prepared.run.encode() not in prepared.hub.get(f"/r/{other}.cast?download=1")
    foreign = answer(prepared, "DELETE /r/<token>/links/<link_id>", owner, None)
    assert foreign == answer(prepared, "GET /r/<token>/info", new_token(), None)
    assert prepared.link_id not in prepared.hub.get(f"/r/{owner}/links").decode()
    assert prepared.state == before


# --- over Socket.IO


def test_every_event_is_listed() -> None:
    requests = {
        protocol.PUBLISH: protocol.PUBLISH_REQUESTS,
        protocol.WATCH: protocol.WATCH_REQUESTS,
        protocol.RUNS: protocol.RUNS_REQUESTS,
    }
    assert {(namespace, name) for namespace, names in requests.items() for name in names} == set(EVENTS)


def wrong_auths(prepared: Prepared, namespace: str) -> dict[str, dict[str, Any]]:
    """What is said when joining a namespace without the right to."""
    odd: dict[str, Any] = {"no text": 5, "nothing": None, "a list": [], "an object": {}, "true": True}
    given = {**odd, **wrong_links(prepared)}
    if namespace == protocol.WATCH:
        return {"none": {}, **{name: {"link": value} for name, value in {**given, **prepared.keys}.items()}}
    right = "publish" if namespace == protocol.PUBLISH else "owner"
    given |= {name: key for name, key in prepared.keys.items() if name != right}
    given |= {f"a {name} link": token for name, token in prepared.links.items()}
    return {"none": {}, **{name: {"key": value} for name, value in given.items()}}


def denial(prepared: Prepared, namespace: str, auth: dict[str, Any]) -> str:
    """How a client is refused that then speaks all the same, and is never answered."""
    joining = f"40{namespace}," + json.dumps({**auth, "protocol": protocol.PROTOCOL})
    told = f"44{namespace},"
    with RawWebSocket(prepared.hub) as raw:
        raw.say(joining)
        raw.read_until(told.encode())
        for (spoken_in, event), data in EVENTS.items():
            if spoken_in == namespace:
                speak(raw, namespace, event, data(prepared.run))
        raw.say(joining)
        raw.ends(0.5)
        text = raw.got.decode(errors="replace")
    assert f"43{namespace}" not in text
    assert f"42{namespace}" not in text
    found = re.search(re.escape(told) + r"(\{.*?\}\})", text)
    assert found, text
    return found[1]


def speak(raw: RawWebSocket, namespace: str, event: str, data: dict[str, Any]) -> None:
    """Send an event that asks for a reply, and what belongs to it."""
    kind = "451-" if ATTACHMENT in data.values() else "42"
    raw.say(f"{kind}{namespace},7" + json.dumps([event, data]))
    if kind != "42":
        raw.send(b"\x82\x84" + bytes(4) + b"more")


@pytest.mark.parametrize("namespace", [protocol.PUBLISH, protocol.WATCH, protocol.RUNS])
def test_every_namespace_denies_every_wrong_credential_in_the_same_way(prepared: Prepared, namespace: str) -> None:
    before = prepared.state
    auths = wrong_auths(prepared, namespace)
    with ThreadPoolExecutor(8) as threads:
        denials = dict(zip(auths, threads.map(partial(denial, prepared, namespace), auths.values()), strict=True))
    code = "bad_link" if namespace == protocol.WATCH else "bad_key"
    assert {json.loads(said)["data"]["code"] for said in denials.values()} == {code}, denials
    assert len(set(denials.values())) == 1, denials
    assert prepared.state == before


def test_a_publisher_cannot_touch_what_it_has_not_opened(prepared: Prepared) -> None:
    before = prepared.state
    with Publisher(prepared.hub, prepared.run) as stranger:
        said = {}
        for (namespace, event), data in EVENTS.items():
            if namespace == protocol.PUBLISH:
                message = data(prepared.run)
                said[event] = stranger.call(event, {**message, "data": b"more"} if "data" in message else message)
    codes = {event: reply["error"]["code"] for event, reply in said.items()}
    assert codes == {**dict.fromkeys(protocol.PUBLISH_REQUESTS, "bad_request"), "open": "taken"}
    assert prepared.state == before


class Listening(Owned):
    """A publisher that keeps what it is asked to do."""

    def __init__(self, hub: Hub) -> None:
        self.asked: list[dict[str, Any]] = []
        super().__init__(hub)

    def on_control(self, data: Any) -> None:
        """Somebody wants something of the job."""
        self.asked.append(data)


def test_a_link_that_allows_less_asks_nothing_of_a_job(hub: Hub) -> None:
    with Listening(hub) as publisher:
        publisher.open()
        typed = {"role": "control", "label": "", "expires": None}
        control = ask(hub, "POST", f"/r/{publisher.owner_token}/links", typed).json["token"]
        doings = ("stop", "signal", "pause", "continue", "type")
        for token, denied in ((publisher.token, doings), (control, ("type",))):
            with Viewer(hub, token) as viewer:
                for do in denied:
                    viewer.call("control", {"id": new_token(), "do": do, "signal": "KILL", "data": "x"})
        publisher.append_all(b"what was passed on would have come before this is acknowledged")
        assert publisher.asked == []


# --- and the right ones are let in


def test_the_right_ones_are_let_in(prepared: Prepared) -> None:
    """Else all of the above would be true of a hub that denies everything. Comes last: it deletes the run."""
    with Viewer(prepared.hub, prepared.links["view"]) as viewer:
        assert viewer.output == OUTPUT
    for route, need in ROUTES.items():
        token = prepared.links["owner" if need == OWNER_LINK else "view"]
        key = f"Bearer {prepared.keys['publish' if need == KEY else 'owner']}"
        for each in (token, prepared.private) if need == LINK else (token,):
            fine = (200, 201, 204, 400) if need == LINK else (200, 201, 204)
            assert answer(prepared, route, each, key if need not in (PAGE, OWNER_LINK) else None).status in fine, route
