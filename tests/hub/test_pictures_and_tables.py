"""A run for other programs: as a badge, its metrics as CSV, and all runs in the owner's list."""

from __future__ import annotations

import csv
import http.client
import json
import os
import re
import stat
from collections.abc import Iterator
from xml.etree import ElementTree as ET

import pytest
from tests.support.clients import Publisher, new_token
from tests.support.hub import Hub

from progress_hub.badge import badge
from progress_hub.listing import last_line
from progress_run.protocol import LISTED_RUNS, ListedRun

SVG = "{http://www.w3.org/2000/svg}"
TASK = {"kind": "task", "id": "t", "label": "Training", "percent": 42.9, "state": "running"}


@pytest.fixture
def publisher(hub: Hub) -> Iterator[Publisher]:
    """A publisher whose run is open."""
    with Publisher(hub) as opened:
        opened.open()
        yield opened


def ask(hub: Hub, path: str, key: str | None = None) -> tuple[http.client.HTTPResponse, bytes]:
    """The answer at a path, and its body."""
    connection = http.client.HTTPConnection("127.0.0.1", hub.port, timeout=20)
    connection.request("GET", path, headers={} if key is None else {"Authorization": f"Bearer {key}"})
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response, body


def owner_key(hub: Hub) -> str:
    return (hub.data / "owner_key").read_text().strip()


def listed(hub: Hub, query: str = "") -> list[dict[str, object]]:
    response, body = ask(hub, "/api/runs" + query, owner_key(hub))
    assert response.status == 200, body
    found: list[dict[str, object]] = json.loads(body)
    return found


def texts(picture: bytes | str) -> list[str]:
    """The texts in a badge, which has to be XML."""
    return [text.text or "" for text in ET.fromstring(picture).iter(f"{SVG}text")]


# --- the badge


def test_the_badge_shows_the_state_and_how_far_it_is(hub: Hub, publisher: Publisher) -> None:
    path = f"/r/{publisher.token}/badge.svg"
    assert texts(ask(hub, path)[1]) == ["job", "waiting"]
    publisher.event(TASK)
    response, picture = ask(hub, path)
    assert texts(picture) == ["job", "running 42 %"]
    assert response.getheader("Content-Type") == "image/svg+xml; charset=utf-8"
    assert response.getheader("Cache-Control") == "no-cache"
    assert response.getheader("X-Content-Type-Options") == "nosniff"
    publisher.event({"kind": "exit", "code": 1, "signal": None})
    assert texts(ask(hub, path)[1]) == ["job", "failed"]


def test_there_is_no_badge_without_a_run(hub: Hub) -> None:
    for token in (new_token(), "x", "a.b"):
        response, body = ask(hub, f"/r/{token}/badge.svg")
        assert (response.status, b"<svg" in body) == (404, False)


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script>",
        "\"'/><image href='https://example.org/x'/>",
        "]]>&amp;&#0;",
        "a\x00\x1b[31m\u202e\ufffe\ud800b",
        "名前" * 100,
    ],
)
def test_a_hostile_name_is_text_in_the_badge(name: str) -> None:
    picture = badge({"name": name, "state": "running", "progress": None})
    tree = ET.fromstring(picture.encode())
    assert {element.tag.removeprefix(SVG) for element in tree.iter()} == {
        "svg",
        "title",
        "clipPath",
        "rect",
        "g",
        "text",
    }
    assert not re.search("\\son\\w+=", re.sub(r">[^<]*<|\"[^\"]*\"", "", picture))
    assert 60 < int(tree.attrib["width"]) < 800


# --- metrics as CSV


def test_metrics_as_csv_while_the_run_goes_on(hub: Hub, publisher: Publisher) -> None:
    publisher.event(
        TASK,
        {"kind": "metric", "name": "loss", "value": 0.31, "step": 40, "t": 1.5},
        {"kind": "metric", "name": 'a "quoted", one', "value": -7},
        {"kind": "metric", "name": "=HYPERLINK(1)", "value": None},
    )
    response, body = ask(hub, f"/r/{publisher.token}/metrics.csv")
    assert list(csv.reader(body.decode().splitlines())) == [
        ["seq", "t", "name", "step", "value"],
        ["1", "1.5", "loss", "40", "0.31"],
        ["2", "0.0", 'a "quoted", one', "", "-7"],
        ["3", "0.0", "'=HYPERLINK(1)", "", ""],
    ]
    assert response.getheader("Content-Type") == "text/csv; charset=utf-8"
    assert response.getheader("Content-Disposition") == f'attachment; filename="{publisher.run}-metrics.csv"'
    publisher.event(*({"kind": "metric", "name": "loss", "value": n} for n in range(150)))
    rows = ask(hub, f"/r/{publisher.token}/metrics.csv")[1].decode().splitlines()
    assert [row.split(",")[0] for row in rows[1:]] == [str(seq) for seq in range(1, 154)]
    assert ask(hub, f"/r/{new_token()}/metrics.csv")[0].status == 404


# --- the list of runs


@pytest.mark.parametrize("key", [None, "", "wrong", "é"])
def test_the_list_is_the_owners(hub: Hub, publisher: Publisher, key: str | None) -> None:
    response, body = ask(hub, "/api/runs", None if key is None else key)
    assert response.status == 401
    assert response.getheader("WWW-Authenticate") == "Bearer"
    assert publisher.run.encode() not in body


def test_no_other_key_opens_the_list(hub: Hub, publisher: Publisher) -> None:
    for key in (hub.key, publisher.token):
        assert ask(hub, "/api/runs", key)[0].status == 401
    assert stat.S_IMODE(os.stat(hub.data / "owner_key").st_mode) == 0o600
    assert owner_key(hub) != hub.key


def test_the_list_tells_what_a_run_is_at(hub: Hub, publisher: Publisher) -> None:
    meta = {"name": "nightly", "host": "box", "user": "ada", "tags": {"team": "ml"}, "started": 4e9}
    with Publisher(hub) as other:
        other.open(meta=meta)
        other.append_all(b"first\r\n\x1b[32mepoch 3\x1b[0m\r\n\r\n")
        other.event(TASK)
        (newest, *_rest) = listed(hub)
        info = hub.info(other.token)
    assert newest.keys() == ListedRun.__annotations__.keys()
    assert newest["last_line"] == "epoch 3"
    assert isinstance(newest["progress"], dict)
    told = ("id", "name", "progress", "host", "user", "tags", "started", "state", "spoke", "ended")
    assert {name: newest[name] for name in told} == {name: info[name] for name in told}


def test_the_list_page_by_page(own_hub: Hub) -> None:
    """Newest first; of runs that started at the same time, too, each is there once."""
    starts = [1000.0 + n // 3 for n in range(2 * LISTED_RUNS + 7)]
    with Publisher(own_hub) as publisher:
        for n, started in enumerate(starts):
            publisher.run = f"run-{n:03}"
            publisher.token = new_token()
            publisher.open(meta={"started": started}, links=[{"role": "view", "sha256": f"{n:064x}"}])
    pages: list[list[dict[str, object]]] = []
    while not pages or pages[-1]:
        pages.append(listed(own_hub, f"?before={pages[-1][-1]['id']}" if pages else ""))
    assert [len(page) for page in pages] == [LISTED_RUNS, LISTED_RUNS, 7, 0]
    found = [str(run["id"]) for page in pages for run in page]
    assert found == [f"run-{n:03}" for n in reversed(range(len(starts)))]
    assert {run["state"] for page in pages for run in page} <= {"waiting", "lost"}
    response, sentence = ask(own_hub, "/api/runs?before=nobody", owner_key(own_hub))
    assert (response.status, sentence) == (400, b"before has to be the id of a run.\n")


@pytest.mark.parametrize(
    ("tail", "line"),
    [
        (b"", ""),
        (b"\n\n", ""),
        (b"one\ntwo\n", "two"),
        (b"one\ntwo", "two"),
        (b"one\n \x1b[0m \r\n\r\n", "one"),
        (b" 10%\r 50%\r 99%\r", "99%"),
        ("é".encode()[1:] + b"tail of a line", "\ufffdtail of a line"),
        (b"\x1b]52;c;aGk=\x07plain \xe2\x80\xaetext", "plain text"),
        (b"x" * 4096, "x" * 200),
        (b"starting\n\x1b[?1049h\x1b[2J\x1b[1;1Hthumbnails\x1b[2;20H0.7\n", "starting"),
    ],
)
def test_the_last_line(tail: bytes, line: str) -> None:
    assert last_line(tail) == line
