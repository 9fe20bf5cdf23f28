"""The scenarios of the fault bench: each makes one kind of trouble for some seconds, and has the checker judge."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple

from tests.end_to_end.stage import hub_at_a_quiet_port
from tests.faults.checker import History, Verdict, judge
from tests.faults.proxy import (
    DOWNSTREAM,
    Bandwidth,
    BlackHole,
    Duplicate,
    Latency,
    LoseAcks,
    Proxy,
    ResetPeer,
    Slicer,
    SlowClose,
    Toxic,
)
from tests.faults.seeds import hub_seed, sender_seed
from tests.faults.stage import Stage
from tests.faults.storm import ResetStorm
from tests.support.hub import Hub

STUCK_SECONDS = 15.0
WINDOW_BYTES = 256 * 1024
SENDER_MEMORY = 60_000_000
"""What a sender may take, however long the hub is out of its reach."""


class Result(NamedTuple):
    """A row of the table; `kills` are deaths, new connections or lost acks, whatever the scenario leads to."""

    scenario: str
    seed: int
    size: int
    kills: int
    verdict: Verdict
    note: str = ""


Scenario = Callable[[int, float, int], Result]
"""Takes a seed, for about how many seconds there is to be trouble, and the amount: bytes of output or number of seeds.

An amount of 0 leaves that to the scenario.
"""


def hub_killed(seed: int, seconds: float, amount: int) -> Result:
    """SIGKILL to the hub every 0.2 to 2 seconds while a job writes, under three viewers."""
    with Stage(seed, amount or int(333_000 * seconds), seconds, viewers=3) as stage:
        stage.begin()
        while stage.job_runs:
            stage.pause(0.2, 2.0)
            stage.kill_hub()
        return _result("hub killed", seed, stage, lambda: len(stage.history.deaths))


def sender_killed(seed: int, seconds: float, amount: int) -> Result:
    """SIGKILL to the sender every 0.2 to 2 seconds."""
    with Stage(seed, amount or int(100_000 * seconds), seconds) as stage:
        stage.begin()
        while stage.job_runs:
            stage.pause(0.2, 2.0)
            stage.kill_sender()
        stage.run_another()  # the last one may have been killed after its recorder had left
        return _result("sender killed", seed, stage, lambda: len(stage.history.deaths))


def latency(seed: int, seconds: float, amount: int) -> Result:
    """Everything takes 50 to 250 ms longer in either direction."""
    return _under(Latency(0.15, 0.1), "latency", seed, seconds, amount or int(100_000 * seconds))


def bandwidth(seed: int, seconds: float, amount: int) -> Result:
    """Less bandwidth than the job's output needs."""
    return _under(Bandwidth(100_000), "bandwidth", seed, seconds, amount or int(150_000 * seconds))


def slicer(seed: int, seconds: float, amount: int) -> Result:
    """Every byte is a segment of its own."""
    return _under(Slicer(), "1-byte slices", seed, seconds, amount or int(3_000 * seconds))


def slow_close(seed: int, seconds: float, amount: int) -> Result:
    """Connections that are reset now and then, and whose ends linger otherwise."""
    return _under(
        SlowClose(2.0), "slow close", seed, seconds, amount or int(50_000 * seconds), ResetPeer((50_000, 500_000))
    )


def resets(seed: int, seconds: float, amount: int) -> Result:
    """RST at a random byte of each connection, of sender and viewers; one in three dies within its first chunk."""
    return _under(ResetPeer((200, 200_000)), "RST at a random byte", seed, seconds, amount or int(200_000 * seconds))


def publisher_reset(seed: int, seconds: float, amount: int) -> Result:
    """RST upon RST to a publisher that comes back at once: so many, or as many as there is time for."""
    storm = ResetStorm(seed)
    with hub_at_a_quiet_port() as hub, Proxy(hub.port, seed) as proxy:
        with proxy.toxic(ResetPeer((1_000, 12_000))):
            until = time.monotonic() + seconds
            while storm.resets < amount if amount else time.monotonic() < until:
                storm.blow(hub, proxy.url)
        history = storm.calm(hub)
    return Result("publisher reset", seed, len(history.truth), storm.resets, judge(history))


def acks_lost(seed: int, seconds: float, amount: int) -> Result:
    """The hub's acks, and nothing else, are lost, nine of ten."""
    with Stage(seed, amount or int(50_000 * seconds), seconds) as stage:
        toxic = LoseAcks(0.9)
        with stage.proxy.toxic(toxic):
            stage.begin()
            return _result("acks lost", seed, stage, lambda: toxic.lost)


def all_acks_lost(seed: int, seconds: float, amount: int) -> Result:
    """Not one ack ever arrives: each connection delivers a window, and then the next one has to."""
    windows = max(1, round(seconds / STUCK_SECONDS))
    with Stage(seed, amount or windows * WINDOW_BYTES - 1, 1.0) as stage:
        toxic, stage.patience = LoseAcks(), stage.patience + 2 * seconds
        with stage.proxy.toxic(toxic):
            stage.begin()
            return _result("all acks lost", seed, stage, lambda: toxic.lost)


def deaf(seed: int, seconds: float, amount: int) -> Result:
    """The sender hears nothing after some bytes of each connection, while the hub hears it all."""
    return _under(
        BlackHole(DOWNSTREAM, after=(500, 3000)), "one direction only", seed, seconds, amount or int(20_000 * seconds)
    )


def black_hole(seed: int, seconds: float, amount: int) -> Result:
    """Everything is swallowed without RST or FIN; then it heals."""
    with Stage(seed, amount or int(100_000 * seconds), seconds) as stage:
        before = stage.proxy.connections
        with stage.proxy.toxic(BlackHole()):
            stage.begin()
            stage.pause(seconds, seconds)
        return _result("black hole", seed, stage, lambda: stage.proxy.connections - before)


def duplicate(seed: int, seconds: float, amount: int) -> Result:
    """Now and then all that the sender has said is said again, on a second connection."""
    toxic = Duplicate((2_000, 200_000))
    return _under(
        toxic, "duplicate connection", seed, seconds, amount or int(50_000 * seconds), ResetPeer((300_000, 600_000))
    )


def hub_failpoints(seed: int, seconds: float, amount: int) -> Result:
    """Seed by seed, the hub dies at a failpoint."""
    return _seeds(hub_seed, "failpoints of the hub", seed, seconds, amount)


def sender_failpoints(seed: int, seconds: float, amount: int) -> Result:
    """Seed by seed, the sender dies at a failpoint, or meets an error there."""
    return _seeds(sender_seed, "failpoints of the sender", seed, seconds, amount)


SCENARIOS: dict[str, Scenario] = {
    scenario.__name__: scenario
    for scenario in (
        hub_killed,
        sender_killed,
        latency,
        bandwidth,
        slicer,
        slow_close,
        resets,
        publisher_reset,
        acks_lost,
        all_acks_lost,
        deaf,
        black_hole,
        duplicate,
        hub_failpoints,
        sender_failpoints,
    )
}


def _under(toxic: Toxic, name: str, seed: int, seconds: float, size: int, *others: Toxic) -> Result:
    """A job that writes so many bytes under toxics, until everything has arrived through them."""
    with Stage(seed, size, seconds, proxied_viewers=_for_viewers(toxic)) as stage:
        before, stage.patience = stage.proxy.connections, stage.patience + 2 * seconds
        with stage.proxy.toxic(toxic, *others):
            stage.begin()
            return _result(name, seed, stage, lambda: stage.proxy.connections - before)


def _for_viewers(toxic: Toxic) -> bool:
    """Whether a viewer that has no defences of ours gets through as well."""
    return not isinstance(toxic, (BlackHole, Duplicate))


def _result(name: str, seed: int, stage: Stage, kills: Callable[[], int]) -> Result:
    """All has to arrive; `kills` are counted then."""
    history = stage.finish()
    verdict = judge(history)
    memory = stage.sender_memory
    note = f"sender {memory / 1e6:.0f} MB"
    if memory > SENDER_MEMORY:
        verdict, note = verdict + Verdict(equal=False), f"{note}: too much"
    return Result(name, seed, len(history.truth), kills(), verdict, note)


def _seeds(play: Callable[[Hub, int], History], name: str, seed: int, seconds: float, amount: int) -> Result:
    """Seed by seed, so many of them, or as many as there is time for; a bad one ends it and is named."""
    verdict, size, deaths, number, until = Verdict(), 0, 0, seed, time.monotonic() + seconds
    with hub_at_a_quiet_port() as hub:
        while verdict.flawless and (number < seed + amount if amount else time.monotonic() < until):
            history = play(hub, number)
            verdict, size, deaths = judge(history), size + len(history.truth), deaths + len(history.deaths)
            number += 1
    return Result(name, number - 1, size, deaths, verdict, f"{number - seed} seeds")
