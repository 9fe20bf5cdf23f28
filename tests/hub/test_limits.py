"""Each limit of what a peer can send or open is a setting, and says so to whoever meets it."""

from __future__ import annotations

import http.client
import time
from contextlib import closing
from typing import ClassVar

import pytest
from tests.hub.test_access import answer, refusal
from tests.support.asking import ask
from tests.support.clients import Publisher, Viewer, new_token, sha256
from tests.support.hub import MODES, Hub

from progress_hub.run import RESERVED_EVENTS
from progress_run.protocol import EVENTS_PER_MESSAGE

FAR = "192.0.2.7"
NETWORK = "2001:db8:7::"


class FarPublisher(Publisher):
    """A publisher on another machine, by way of a proxy on this one."""

    headers: ClassVar[dict[str, str]] = {"X-Forwarded-For": FAR}


@pytest.mark.parametrize("mode", MODES)
def test_how_much_output_a_run_may_have(mode: str) -> None:
    with Hub(mode, "--run-bytes", "10") as hub, Publisher(hub) as publisher:
        publisher.open()
        publisher.append_all(b"0123456789")
        assert hub.info(publisher.token)["limited"] == []
        publisher.append(10, b"x")
        publisher.wait_for(lambda: len(publisher.refusals) == 1, "the refusal of output")
        assert publisher.refusals[0]["error"] == {
            "code": "limit",
            "message": "This hub takes 10 bytes of output of a run, not more; see its run_bytes.",
        }
        publisher.event({"kind": "exit", "code": 3, "signal": None, "at": 11})
        info = hub.info(publisher.token)
        assert (info["limited"], info["state"], info["exit_code"]) == (["output"], "failed", 3)
        assert hub.get(f"/r/{publisher.token}/output") == b"0123456789"


@pytest.mark.parametrize("mode", MODES)
def test_how_many_events_a_run_may_have(mode: str) -> None:
    """Those by which one knows how it went and ended come beyond it, numbered as if there had been no others."""
    with Hub(mode, "--run-events", "2") as hub:
        with Publisher(hub) as publisher:
            publisher.open()
            publisher.event(*({"kind": "note", "text": str(number)} for number in range(4)))
            publisher.event({"kind": "gap", "bytes": 5}, {"kind": "note", "text": "4"})
        hub.restart()
        with Publisher(hub, publisher.run, token=publisher.token, epoch=2) as again:
            assert again.open()["events_end"] == 6
            again.events_end = 6
            with Viewer(hub, publisher.token) as viewer:
                again.event({"kind": "note", "text": "5"}, {"kind": "exit", "code": 3, "signal": None})
                viewer.wait_for(lambda: viewer.run["state"] == "failed", "that the viewer is told how it ended")
                viewer.catch_up()
                assert [(each["seq"], each["kind"]) for each in viewer.events] == [
                    (0, "note"), (1, "note"), (2, "gap"), (3, "exit")
                ]  # fmt: skip
                assert viewer.run["limited"] == ["events"]
            assert again.seal(b"")["error"] == {
                "code": "limit",
                "message": "This hub had no room for 4 events of the run; see its run_events.",
            }


def test_beyond_all_limits_a_run_still_ends() -> None:
    with Hub("eventlet", "--run-events", "1") as hub, Publisher(hub) as publisher:
        publisher.open()
        for _ in range(RESERVED_EVENTS // EVENTS_PER_MESSAGE + 1):
            publisher.event(*[{"kind": "gap", "bytes": 1}] * EVENTS_PER_MESSAGE)
        publisher.event(*[{"kind": "exit", "code": 0, "signal": None}] * 2)
        info = hub.info(publisher.token)
        assert (info["events"], info["state"]) == (1 + RESERVED_EVENTS + 1, "succeeded")


@pytest.mark.parametrize("mode", MODES)
def test_how_fast_a_publisher_is_heard_and_nothing_of_it_is_lost(mode: str) -> None:
    """The first second's worth at once, then the rest at its pace."""
    count = 60
    with Hub(mode, "--messages-per-second", "20") as hub, Publisher(hub) as publisher:
        publisher.open()
        started = time.monotonic()
        for number in range(count):
            publisher.append(number, b"x")
        publisher.wait_for(lambda: publisher.end == count, "all of it")
        assert time.monotonic() - started > (count - 20) / 20 * 0.8
        assert hub.get("/healthz")


def test_how_many_runs_a_connection_may_publish() -> None:
    with Hub("eventlet", "--runs-per-publisher", "1") as hub, Publisher(hub) as publisher:
        publisher.open()
        assert publisher.open()["end"] == 0
        assert publisher.open(run="another")["error"] == {
            "code": "unavailable",
            "message": "One connection may publish 1 runs here; make another for more of them.",
        }


@pytest.mark.parametrize("mode", MODES)
def test_how_many_publishers_come_from_an_address(mode: str) -> None:
    with Hub(mode, "--publishers-per-address", "1", "--proxies", "127.0.0.1") as hub:
        with FarPublisher(hub) as first, FarPublisher(hub) as second, Publisher(hub) as near:
            assert first.open()["end"] == 0
            assert refusal(second) == (
                "unavailable",
                "Too many publishers are connected from your address; try again later.",
            )
            assert near.open()["end"] == 0
        deadline = time.monotonic() + 10
        while FarPublisher(hub).refused and time.monotonic() < deadline:
            continue
        assert time.monotonic() < deadline


def test_an_address_of_ipv6_shares_its_seats_with_its_network() -> None:
    """Everybody has 2^64 of them."""
    with Hub("eventlet", "--viewers-per-address", "1", "--proxies", "127.0.0.1") as hub, Publisher(hub) as publisher:
        publisher.open()
        publisher.append_all(b"hello\n")
        path = f"/r/{publisher.token}.txt"
        with closing(http.client.HTTPConnection("127.0.0.1", hub.port, timeout=20)) as seated:
            seated.request("GET", path, headers={"X-Forwarded-For": f"{NETWORK}1"})
            assert seated.getresponse().status == 200  # which goes on, as the run does
            assert answer(hub, "/healthz", X_Forwarded_For=f"{NETWORK}ffff:2")[0] == 503
            assert answer(hub, "/healthz", X_Forwarded_For="2001:db8:8::1")[0] == 200


def test_how_many_viewers_a_link_lets_in() -> None:
    with Hub("eventlet", "--viewers-per-link", "1") as hub, Publisher(hub) as publisher:
        publisher.open()
        with Viewer(hub, publisher.token) as first, Viewer(hub, publisher.token) as second:
            assert first.refused is None
            assert refusal(second) == ("unavailable", "Too many viewers are connected by this link; try again later.")
        with Publisher(hub) as other:
            other.open()
            with Viewer(hub, other.token) as viewer:
                assert viewer.refused is None


def test_how_many_links_a_run_has_and_keys_a_hub() -> None:
    with Hub("eventlet", "--links-per-run", "3", "--keys", "3") as hub, Publisher(hub) as publisher:
        owner = new_token()
        tokens = {"view": publisher.token, "owner": owner}
        publisher.open(links=[{"role": role, "sha256": sha256(token.encode())} for role, token in tokens.items()])
        for path, body, key, words in (
            (
                f"/r/{owner}/links",
                {"role": "view"},
                None,
                "This run has 3 links, and can't have more; revoke one first.",
            ),
            ("/api/keys", {"name": "ci", "kind": "publish"}, hub.owner_key, "This hub has 3 keys, and takes no more;"),
        ):
            answers = [ask(hub, "POST", path, body, key) for _ in range(2)]
            assert [each.status for each in answers] == [201, 409], path
            assert answers[1].body.decode().startswith(words)


def test_how_many_connections_there_are() -> None:
    """The fifth is let in, and the one that has been idle for longest makes room."""
    with Hub("eventlet", "--connections", "4") as hub:
        idle = [http.client.HTTPConnection("127.0.0.1", hub.port, timeout=20) for _ in range(5)]
        for connection in idle:
            connection.connect()
        assert idle[0].sock.recv(1) == b""
        idle[-1].request("GET", "/healthz")
        assert idle[-1].getresponse().status == 200
        for connection in idle:
            connection.close()
