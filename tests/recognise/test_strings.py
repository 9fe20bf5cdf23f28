"""Reports that jobs send through ssh and docker, in an OSC of our own."""

import base64
import json
from typing import Any

import pytest
from tests.recognise.replayed import reports


def osc(report: Any, end: str = "\x1b\\") -> str:
    packed = base64.urlsafe_b64encode(json.dumps(report).encode()).rstrip(b"=").decode()
    return f"\x1b]7747;progress;{packed}{end}"


@pytest.mark.parametrize("end", ["\x1b\\", "\x07"])
@pytest.mark.parametrize("piece", [0, 1, 5])
@pytest.mark.parametrize(
    "report",
    [
        {"kind": "task", "id": "a", "label": "Größe ▶", "current": 3, "total": 10, "state": "running", "parent": None},
        {"kind": "metric", "name": "loss", "value": 0.31, "step": 40},
        {"kind": "group", "name": "Build", "open": True},
        {"kind": "note", "level": "warning", "text": "low disk"},
    ],
)
def test_a_report_comes_through(report: dict[str, Any], piece: int, end: str) -> None:
    (said,) = reports("before " + osc(report, end) + "after\r\n", piece)
    assert said == report | {"source": "job", "at": said["at"]}


@pytest.mark.parametrize(
    "output",
    [
        osc({"kind": "exit", "code": 0}),
        osc({"kind": "task", "label": "without id"}),
        osc({"kind": "task", "id": "a", "state": "sleeping"}),
        osc({"kind": "metric", "name": "loss", "value": "high"}),
        osc({"kind": "metric", "name": "loss", "value": float("nan")}),
        osc({"kind": "metric", "name": "loss", "value": True}),
        osc({"kind": ["task"]}),
        osc(["task"]),
        osc({"kind": "note", "text": "x" * 9000}),
        "\x1b]7747;progress;!!!!\x07",
        "\x1b]7747;progress;\x07",
        "\x1b]7747;progress;W1tbW1tb\x07",
        "\x1b]9;4;9;50\x07\x1b]9;4\x07\x1b]9;notify\x07",
    ],
)
def test_what_is_no_report_is_left_out(output: str) -> None:
    assert reports(output + "text\r\n") == []


def test_fields_nobody_knows_and_those_of_another_type_are_left_out() -> None:
    (said,) = reports(osc({"kind": "task", "id": "a", "current": "3", "total": 10, "evil": "x", "source": "osc"}))
    assert said == {"kind": "task", "id": "a", "total": 10, "source": "job", "at": said["at"]}
