"""The job stopped, paused and answered from the page: each step is seen, and done once."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Locator, expect
from tests.end_to_end.stage import Published, at_hub, hub_at_a_quiet_port, published
from tests.end_to_end.test_control import CLEANS_UP, STUBBORN
from tests.page.test_people import SMALL, THEMES, fits
from tests.support.axe import violations
from tests.support.browser import Open
from tests.support.hub import Hub, wait_until
from tests.support.reader import Reader
from tests.support.runner import Home

TICKS = "echo ready; trap 'echo got INT' INT; while :; do sleep 0.5; echo tick; done"
ASKS = "exec < /dev/tty; echo ready; while read -r answer; do echo you said $answer; done"


@contextmanager
def run_at(hub: Hub, home: Home, *args: str) -> Iterator[tuple[subprocess.Popen[bytes], Published]]:
    """A run whose job has begun."""
    at_hub(home, hub.url, hub.key)
    runner = home.start(*args, stdout=subprocess.DEVNULL)
    run = published(home).on_the_hub()
    wait_until(lambda: b"ready" in run.run.output, "the job is ready")
    yield runner, run
    runner.kill()


def as_owner(visit: Open, run: Published, **context: Any) -> Reader:
    """A visitor with the owner's link."""
    reader = visit(run.hub, run.run.record["owner_token"], **context)
    reader.says("live")
    return reader


def choices(reader: Reader) -> Locator:
    """The box of what can be done to the job, opened."""
    reader.page.get_by_role("button", name="Stop", exact=True).click()
    box = reader.page.get_by_role("dialog", name="Stop")
    expect(box).to_be_visible()
    return box


def do(reader: Reader, what: str) -> None:
    """Open the box and press a button in it."""
    choices(reader).get_by_role("button", name=what).click()


def signals(run: Published) -> list[str]:
    """What the job was sent."""
    return [event["signal"] for event in run.run.of_kind("control") if event["state"] == "delivered"]


def test_what_a_job_that_is_stopped_has_to_say_is_seen_live(hub: Hub, home: Home, visit: Open) -> None:
    """And who clicks thrice stops it once: the second signal would end it before it has cleaned up."""
    with run_at(hub, home, sys.executable, "-c", CLEANS_UP) as (runner, run):
        reader = as_owner(visit, run)
        stop = choices(reader).get_by_role("button", name="Stop the job")
        stop.evaluate("(button) => { button.click(); button.click(); button.click(); }")
        reader.says("SIGINT sent by owner")
        reader.says("SIGTERM in")
        reader.shows("cleaning up 0")
        assert runner.poll() is None
        stopped = reader.rows.filter(has_text="owner: Stop · SIGINT sent")
        assert stopped.locator(".text").evaluate("(text) => getComputedStyle(text, '::before').content") == '"· "'
        reader.says("failed · exit 3")
        reader.shows("cleaning up 4")
        assert runner.wait(30) == 3
        assert signals(run) == ["INT"]
        expect(reader.page.get_by_role("button", name="Stop", exact=True)).to_have_count(0)
        reader.page.get_by_role("button", name="Details").click()
        trail = reader.page.get_by_role("complementary").get_by_role("listitem")
        expect(trail.filter(has_text="owner: Stop · SIGINT sent")).to_have_count(1)
        expect(trail.filter(has_text="owner: Stop · the job has ended")).to_have_count(1)


def test_a_request_outlasts_the_connection_and_is_done_once(home: Home, visit: Open) -> None:
    """The hub dies before the job's machine has answered: the page asks again, with the same id."""
    with hub_at_a_quiet_port() as hub, run_at(hub, home, "bash", "-c", TICKS) as (runner, run):
        reader = as_owner(visit, run)
        asked: list[str] = []
        listen(reader, asked)
        reader.page.reload()
        reader.says("live")
        runner.send_signal(signal.SIGSTOP)
        do(reader, "Stop the job")
        reader.says("Stop · on its way to the job")
        hub.restart()
        wait_until(lambda: waits(reader) and len(asked) > 1, "the page asks again")
        assert len(set(asked)) == 1
        assert signals(run) == []
        runner.send_signal(signal.SIGCONT)
        reader.says("SIGINT sent by owner")
        reader.shows("got INT")
        reader.says("SIGTERM in")
        run.grows_to(len(run.run.output) + 20)
        assert signals(run) == ["INT"]
        assert run.run.output.count(b"got INT") == 1
        following = reader.page.get_by_role("button", name="SIGTERM now")
        expect(following).to_be_visible()
        hub.kill()
        expect(following).to_have_count(0)


def listen(reader: Reader, asked: list[str]) -> None:
    """Collect the ids of what the page asks of the job, by whatever transport."""

    def sent(text: str | bytes | None) -> None:
        asked.extend(re.findall(r'\["control",{"do":"stop","id":"([^"]*)"', text if isinstance(text, str) else ""))

    reader.page.on("websocket", lambda socket: socket.on("framesent", sent))
    reader.page.on("request", lambda request: sent(request.post_data if request.method == "POST" else None))


def waits(reader: Reader) -> bool:
    """Let the browser go on, whose messages are only heard meanwhile."""
    reader.page.wait_for_timeout(20)
    return True


def test_a_job_that_goes_on_gets_the_next_signal_at_once(hub: Hub, home: Home, visit: Open) -> None:
    with run_at(hub, home, sys.executable, "-c", STUBBORN) as (runner, run):
        reader = as_owner(visit, run)
        do(reader, "Stop the job")
        for following in ("SIGTERM now", "SIGKILL now"):
            button = reader.page.get_by_role("button", name=following)
            expect(button).to_be_visible()
            # Right behind a step it counts as a second click.
            wait_until(lambda button=button: press_once(reader, button), "the next step")  # type: ignore[misc]
        assert runner.wait(30) == 128 + signal.SIGKILL
        assert signals(run) == ["INT", "TERM", "KILL"]
        reader.says("killed · SIGKILL")


def press_once(reader: Reader, button: Locator) -> bool:
    """Press it, if it is there; whether it has gone."""
    if button.count():
        button.evaluate_all("(buttons) => buttons.forEach((button) => button.click())")
    reader.page.wait_for_timeout(20)
    return button.count() == 0


def test_pause_continue_and_signals(hub: Hub, home: Home, visit: Open) -> None:
    with run_at(hub, home, "--control", "bash", "-c", TICKS) as (_runner, run):
        reader, onlooker = as_owner(visit, run), visit(hub, run.token)
        do(reader, "Pause")
        for each in (reader, onlooker):
            each.says("Paused by owner")
        expect(onlooker.page.get_by_role("button", name="Continue")).to_have_count(0)
        reader.page.get_by_role("button", name="Continue").click()
        expect(reader.page.get_by_text("Paused by owner")).to_have_count(0)
        choices(reader).get_by_label("Signal").select_option("SIGINT")
        reader.page.get_by_role("dialog", name="Stop").get_by_role("button", name="Send").click()
        reader.shows("got INT")
        assert signals(run) == ["STOP", "CONT", "INT"]


def test_an_answer_is_typed(hub: Hub, home: Home, visit: Open) -> None:
    with run_at(hub, home, "--control", "--pty", "bash", "-c", ASKS) as (_runner, run):
        reader = as_owner(visit, run)
        do(reader, "Type into the job")
        field = reader.page.get_by_role("textbox", name="Type into the job")
        expect(field).to_be_focused()
        reader.page.keyboard.type("yes, ü")
        reader.press("Enter")
        reader.shows("you said yes, ü")
        reader.shows("owner typed into the job.")
        expect(field).to_have_value("")
        field.fill("pasted\nlines")
        for key in ("Enter", "Escape"):  # of an input method
            field.dispatch_event("keydown", {"key": key, "isComposing": True})
            field.dispatch_event("keydown", {"key": key, "keyCode": 229})  # as Safari says it
        expect(field).to_have_value("pasted\nlines")
        reader.press("Enter")
        reader.shows("you said pasted")
        reader.shows("you said lines")
        do(reader, "Type into the job")
        expect(field).to_be_focused()
        reader.press("Escape")
        expect(field).to_have_count(0)
        expect(reader.page.get_by_role("button", name="Stop", exact=True)).to_be_focused()


def test_who_may_only_look_sees_no_buttons(hub: Hub, home: Home, visit: Open) -> None:
    with run_at(hub, home, "--control", "--pty", "bash", "-c", TICKS) as (_runner, run):
        reader = visit(hub, run.token)
        reader.says("live")
        expect(reader.page.get_by_role("button", name="Stop", exact=True)).to_have_count(0)


@pytest.mark.parametrize(("policy", "offered"), [("--no-control", False), ("--tag=a=b", True)])
def test_what_the_run_was_not_started_with_is_not_offered(
    hub: Hub, home: Home, visit: Open, policy: str, offered: bool
) -> None:
    with run_at(hub, home, policy, "--pty", "bash", "-c", TICKS) as (_runner, run):
        reader = as_owner(visit, run)
        expect(reader.page.get_by_role("button", name="Stop", exact=True)).to_have_count(int(offered))
        if offered:
            box = choices(reader)
            expect(box.get_by_role("button")).to_have_count(1)
            expect(box.get_by_role("combobox")).to_have_count(0)


@pytest.mark.parametrize("screen", [{**SMALL, **THEMES["dark"]}, THEMES["light"]], ids=["320 px, dark", "light"])
def test_for_everyone(hub: Hub, home: Home, visit: Open, screen: dict[str, Any]) -> None:
    """The box, the strip and the line, by keyboard alone and on the smallest screen."""
    with run_at(hub, home, "--control", "--pty", sys.executable, "-c", STUBBORN) as (_runner, run):
        reader = as_owner(visit, run, **screen)
        do(reader, "Type into the job")
        assert violations(reader.page) == []
        assert fits(reader)
        reader.page.get_by_role("button", name="Stop", exact=True).focus()
        reader.press("Enter")
        assert violations(reader.page) == []
        assert fits(reader)
        reader.press("Tab", "Enter")
        heard = reader.page.get_by_role("status")
        expect(heard.filter(has_text="SIGINT sent by owner")).to_have_count(1)
        expect(heard.filter(has_text="SIGTERM in")).to_have_count(0)
        reader.says("SIGTERM in")
        assert violations(reader.page) == []
        assert fits(reader)
