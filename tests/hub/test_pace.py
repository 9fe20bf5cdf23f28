"""A hub that many runs talk to asks those that nobody watches to speak less often."""

from __future__ import annotations

from typing import Any

from tests.support.clients import Publisher, Viewer, new_token, sha256
from tests.support.hub import Hub

MANY = 300


class Many(Publisher):
    """Publishes many runs over one connection; `paces` is what each was last asked for."""

    def __init__(self, hub: Hub) -> None:
        self.paces: dict[str, int] = {}
        super().__init__(hub)

    def on_ack(self, data: Any) -> None:
        """Durable up to here."""
        super().on_ack(data)
        self.paces[data["run"]] = data["pace"]

    def open_many(self) -> list[str]:
        """Open runs with links of their own; returns their ids."""
        runs = [f"{self.run}-{number}" for number in range(MANY)]
        for run in runs:
            self.open(run=run, links=[{"role": "view", "sha256": sha256(new_token().encode())}])
        return runs

    def say(self, run: str, at: int, line: bytes) -> None:
        """Append to one of them."""
        self.emit("append", {"run": run, "epoch": self.epoch, "at": at, "t": 0.0, "data": line, "codec": ""})


def test_a_run_alone_may_speak_as_often_as_it_likes(own_hub: Hub) -> None:
    with Many(own_hub) as publisher:
        publisher.open()
        publisher.append(0, b"a line\n")
        publisher.wait_for(lambda: publisher.paces.get(publisher.run) == 0, "an ack without a pace")


def test_many_share_and_who_is_watched_does_not_wait(own_hub: Hub) -> None:
    with Many(own_hub) as publisher:
        publisher.open()
        runs = publisher.open_many()
        with Viewer(own_hub, publisher.token):
            for at in (0, 5):
                for run in (publisher.run, *runs):
                    publisher.say(run, at, b"line\n")
                publisher.wait_for(lambda: publisher.paces.get(runs[-1], 0) >= 60, "a pace for a run nobody watches")
            assert publisher.paces[publisher.run] == 0
        publisher.say(publisher.run, 10, b"more\n")
        publisher.wait_for(lambda: publisher.paces[publisher.run] > 0, "a pace when nobody watches any more")
