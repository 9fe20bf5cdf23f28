"""A run's metrics as CSV (RFC 4180), for spreadsheets and notebooks. Pure."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable

from progress_hub.summary import metric_of

HEADER = "seq,t,name,step,value\r\n"
FORMULA = ("=", "+", "-", "@")
"""What a spreadsheet takes for the beginning of a formula."""


def metric_rows(events: Iterable[str]) -> str:
    """The rows of the metrics among events, which are given as JSON; what is no number is left empty."""
    rows = io.StringIO(newline="")
    writer = csv.writer(rows)
    for event in map(json.loads, events):
        if event["kind"] == "metric":
            metric = metric_of(event)
            writer.writerow((metric["seq"], metric["t"], _cell(metric["name"]), metric["step"], metric["value"]))
    return rows.getvalue()


def _cell(name: str) -> str:
    """A name that no spreadsheet computes: it is the job's, and who opens the file may be anybody."""
    return f"'{name}" if name.startswith(FORMULA) else name
