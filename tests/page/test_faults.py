"""Whatever happens between the hub and the page, the reader gets everything once, and does nothing for it."""

from __future__ import annotations

import pytest
from tests.support.browser import Open
from tests.support.clients import Publisher
from tests.support.hub import Hub
from tests.support.lines import numbered, texts


def published_again(hub: Hub, earlier: Publisher) -> Publisher:
    """The same run taken up by a new publisher, as after the hub was gone."""
    publisher = Publisher(hub, earlier.run, token=earlier.token, epoch=earlier.epoch + 1)
    position = publisher.open()
    publisher.end, publisher.events_end = position["end"], position["events_end"]
    return publisher


def test_a_hub_that_dies_and_comes_back(own_hub: Hub, own_publisher: Publisher, visit: Open) -> None:
    publisher = own_publisher
    reader = visit(own_hub, publisher.token)
    for n in range(3):
        publisher.append_all(numbered(n * 100 + 1, n * 100 + 100))
        reader.shows(f"line {n * 100 + 100}")
        own_hub.kill()
        reader.says("the job goes on without it")
        own_hub.start()
        publisher = published_again(own_hub, publisher)
    publisher.append_all(numbered(301, 400))
    reader.reaches(publisher.end)
    assert reader.lines == texts(1, 400)
    reader.says("live")


@pytest.mark.parametrize("blocked", ["closed", "silent"])
def test_without_websockets(hub: Hub, publisher: Publisher, visit: Open, blocked: str) -> None:
    reader = visit(hub, publisher.token, blocked=blocked)
    reader.says("live")
    for n in range(1, 4):
        publisher.append_all(numbered(n, n))
        reader.shows(f"line {n}")
    assert reader.lines == texts(1, 3)


def test_a_network_that_comes_back(hub: Hub, publisher: Publisher, visit: Open) -> None:
    publisher.append_all(numbered(1, 10))
    reader = visit(hub, publisher.token)
    reader.reaches(publisher.end)
    reader.context.set_offline(True)
    publisher.append_all(numbered(11, 20_000))
    reader.context.set_offline(False)
    reader.reaches(publisher.end)
    assert reader.lines == texts(1, 20_000)


def test_a_flood_arrives_whole(hub: Hub, publisher: Publisher, visit: Open) -> None:
    reader = visit(hub, publisher.token)
    reader.says("live")
    publisher.append_all(numbered(1, 300_000), size=60_000)
    reader.reaches(publisher.end)
    reader.shows("line 300000")
    assert reader.read(0, 300_000) == texts(1, 300_000)


def test_a_hub_of_another_version(hub: Hub, publisher: Publisher, visit: Open) -> None:
    reader = visit(hub, publisher.token, spoken=('"protocol":1', '"protocol":2'))
    reader.says("The hub has changed. Please reload the page.")


def test_a_link_that_is_not_known(hub: Hub, publisher: Publisher, visit: Open) -> None:
    reader = visit(hub, "A" * 43)
    reader.says("The link may be mistyped or revoked; ask for a new one.")
