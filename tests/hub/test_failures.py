"""Wrong links and keys by the hundred: answered shortly, within bounds, and never at the cost of right ones."""

from __future__ import annotations

import http.client
import ipaddress
import json
from collections.abc import Iterator
from contextlib import closing

import pytest
from tests.hub.test_access import answer, refusal
from tests.support.clients import ListWatcher, Publisher, Viewer, new_token
from tests.support.hub import MODES, Hub
from tests.support.owned_run import OwnedRun

from progress_hub.failures import ADDRESSES, Failures, neighbourhood

FEW = 5


@pytest.fixture(scope="module", params=MODES)
def strict(request: pytest.FixtureRequest) -> Iterator[Hub]:
    """A hub that stands few failures."""
    with Hub(request.param, "--failures-per-minute", str(FEW)) as hub:
        yield hub


def wrong(hub: Hub, **headers: str) -> int:
    """The status for a link that never was."""
    return answer(hub, f"/r/{new_token()}/info", **headers)[0]


def test_too_many_wrong_ones_are_answered_shortly_and_right_ones_as_ever(strict: Hub) -> None:
    with Publisher(strict) as publisher:
        publisher.open()
        publisher.append_all(b"hello\n")
        seen = [wrong(strict) for _ in range(3 * FEW)]
        assert seen[-1] == 429
        status, headers, body = answer(strict, f"/r/{new_token()}/info")
        assert (status, headers["Retry-After"]) == (429, "60")
        assert body.decode().startswith("Too many wrong links or keys came from your address;")
        assert answer(strict, "/api/runs", Authorization="Bearer wrong")[0] == 429
        for client in (Publisher(strict, key="wrong"), Viewer(strict, new_token()), ListWatcher(strict, "wrong")):
            with client:
                assert refusal(client)[0] == "unavailable"
        assert json.loads(strict.get(f"/r/{publisher.token}/info"))["size"] == 6
        assert strict.get("/api/runs", Authorization=f"Bearer {strict.owner_key}")
        with Viewer(strict, publisher.token) as viewer, Publisher(strict) as another, ListWatcher(strict) as watcher:
            assert viewer.output == b"hello\n"
            assert another.open()["end"] == 0
            assert watcher.refused is None


def test_what_somebody_writes_into_a_header_makes_them_nobody_else(strict: Hub) -> None:
    for number in range(3 * FEW):
        last = wrong(strict, X_Forwarded_For=f"192.0.2.{number}")
    assert last == 429


def test_a_named_proxy_speaks_of_many() -> None:
    with Hub("eventlet", "--failures-per-minute", str(FEW), "--proxies", "127.0.0.1") as hub:
        for _ in range(3 * FEW):
            last = wrong(hub, X_Forwarded_For="203.0.113.9, 192.0.2.1")
        assert last == 429
        assert wrong(hub, X_Forwarded_For="192.0.2.1, 192.0.2.2") == 404


def test_who_has_asked_for_too_much_is_cut_by_nothing_that_comes_later() -> None:
    """What an answer that says less has held of a link is given back all the same."""
    with (
        Hub("eventlet", "--failures-per-minute", str(FEW)) as hub,
        OwnedRun(hub) as run,
        closing(http.client.HTTPConnection("127.0.0.1", hub.port, timeout=20)) as connection,
    ):
        for _ in range(FEW + 1):
            connection.request("GET", f"/r/{run.token}/links")
            response = connection.getresponse()
            response.read()
        assert response.status == 429
        assert connection.sock is not None
        assert run.revoke(run.token).status == 204
        connection.request("GET", "/healthz")
        assert connection.getresponse().status == 200


def test_it_wears_off(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    failures = Failures(60)
    assert [failures.too_many("192.0.2.1") for _ in range(61)] == [False] * 60 + [True]
    assert not failures.too_many("192.0.2.2")
    now[0] = 1.0
    assert [failures.too_many("192.0.2.1") for _ in range(2)] == [False, True]


def test_many_addresses_take_little_memory() -> None:
    failures = Failures(1)
    assert not failures.too_many("192.0.2.1")
    for number in range(3 * ADDRESSES):
        failures.too_many(str(ipaddress.ip_address(number)))
    assert len(failures) == ADDRESSES


def test_of_an_address_of_ipv6_somebody_has_a_whole_network() -> None:
    assert neighbourhood("2001:db8::1") == neighbourhood("2001:db8::ffff:1")
    assert neighbourhood("2001:db8::1") != neighbourhood("2001:db8:0:1::1")
    assert neighbourhood("::ffff:192.0.2.1") == neighbourhood("192.0.2.1") == "192.0.2.1"
    assert neighbourhood("fe80::1%eth0") == "fe80::/64"
