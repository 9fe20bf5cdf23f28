"""Reads what clients send: checks shapes and limits, and refuses with a code and a sentence."""

from __future__ import annotations

import hashlib
import json
import re
import zlib
from collections.abc import Callable
from typing import Any, NamedTuple, NoReturn

from xxhash import xxh3_64_hexdigest

from progress_run import protocol
from progress_run.protocol import ErrorCode, Refusal

_RUN_ID = re.compile(protocol.RUN_ID_PATTERN)
_TOKEN = re.compile(protocol.TOKEN_PATTERN)
_CONTROL_ID = re.compile(protocol.CONTROL_ID_PATTERN)
_SIGNAL = re.compile(protocol.SIGNAL_PATTERN)
_SHA256 = re.compile(r"^[0-9a-f]{64}$")
_LARGEST = 2**53


class Refused(Exception):
    """A request is not granted; `code` is for programs, `message` for people."""

    def __init__(self, code: ErrorCode, message: str) -> None:
        super().__init__(message)
        self.code: ErrorCode = code
        self.message = message

    def reply(self) -> Refusal:
        """The refusal as it goes over the wire."""
        return {"error": {"code": self.code, "message": self.message}}


class Fenced(Refused):
    """Another publisher has the run, with this epoch."""

    def __init__(self, epoch: int, message: str) -> None:
        super().__init__("fenced", message)
        self.epoch = epoch

    def reply(self) -> Refusal:
        """The refusal as it goes over the wire."""
        return {"error": {"code": self.code, "message": self.message, "epoch": self.epoch}}


class Garbled(Exception):
    """What came isn't what was sent, as its sum shows; it has to be sent again."""


class Open(NamedTuple):
    """A checked `open`; `links` maps the SHA-256 of a token to its role."""

    run: str
    epoch: int
    meta: dict[str, Any]
    links: dict[str, str]
    yields: bool


class Append(NamedTuple):
    """A checked `append`: `raw` is the output, `data` is the same as it came, packed by `codec`."""

    run: str
    epoch: int
    at: int
    t: float
    raw: bytes
    codec: str
    data: bytes
    marks: list[Any] | None

    @property
    def end(self) -> int:
        """The offset behind it."""
        return self.at + len(self.raw)

    def part(self, start: int, end: int) -> Append:
        """The part of it from offset `start` to `end`, which lie within."""
        if (start, end) == (self.at, self.end):
            return self
        raw = self.raw[start - self.at : end - self.at]
        marks = [mark for mark in self.marks or [] if start <= mark[0] < end]
        return self._replace(at=start, raw=raw, codec="", data=raw, marks=marks or None)


class Events(NamedTuple):
    """A checked `event`: `bodies` are the events as JSON, in the same order."""

    run: str
    epoch: int
    events: list[dict[str, Any]]
    bodies: list[str]


class Seal(NamedTuple):
    """A checked `seal`."""

    run: str
    epoch: int
    size: int
    sha256: str
    reread: bool


class Blocks(NamedTuple):
    """A checked `blocks`: the offset of the first block that is asked for, and where to end."""

    run: str
    epoch: int
    start: int
    end: int


class Watch(NamedTuple):
    """A checked `watch`: the offset and the event that the viewer wants next."""

    at: int
    events_at: int


def read_open(message: Any) -> Open:
    """Check an `open`; raises `Refused`."""
    run, epoch = _run_and_epoch(message)
    return Open(run, epoch, _meta(message.get("meta")), _links(message.get("links")), _flag(message, "yields"))


def read_append(message: Any) -> Append:
    """Check and unpack an `append`; raises `Refused`, or `Garbled`."""
    run, epoch = _run_and_epoch(message)
    at, t, data, codec = _count(message, "at"), _seconds(message, "t"), message.get("data"), message.get("codec", "")
    if not isinstance(data, bytes):
        _bad("append: data has to be one binary attachment.")
    if codec not in protocol.CODECS:
        _bad(f"append: codec {codec!r} is not known; use one of {list(protocol.CODECS)}.")
    raw = unpack(codec, data)
    if "sum" in message and message["sum"] != xxh3_64_hexdigest(raw):
        raise Garbled
    return Append(run, epoch, at, t, raw, codec, data, _marks(message.get("marks"), at, at + len(raw)))


def read_events(message: Any) -> Events:
    """Check an `event`; raises `Refused`."""
    run, epoch = _run_and_epoch(message)
    events = message.get("events")
    if not isinstance(events, list) or not 0 < len(events) <= protocol.EVENTS_PER_MESSAGE:
        _bad(f"event: events has to be a list of 1 to {protocol.EVENTS_PER_MESSAGE}.")
    return Events(run, epoch, events, [_event(event, events[0], position) for position, event in enumerate(events)])


def read_seal(message: Any) -> Seal:
    """Check a `seal`; raises `Refused`."""
    run, epoch = _run_and_epoch(message)
    sha256 = _sha256(message.get("sha256"), "seal: sha256")
    return Seal(run, epoch, _count(message, "size"), sha256, _flag(message, "reread"))


def read_blocks(message: Any) -> Blocks:
    """Check a `blocks`; raises `Refused`."""
    run, epoch = _run_and_epoch(message)
    start = _count(message, "from")
    if start % protocol.BLOCK_BYTES:
        _bad(f"blocks: from has to be a multiple of {protocol.BLOCK_BYTES}.")
    most = start + protocol.BLOCKS_PER_REPLY * protocol.BLOCK_BYTES
    return Blocks(run, epoch, start, min(most, _count(message, "to")) if "to" in message else most)


def read_watch(message: Any) -> Watch:
    """Check a `watch`; raises `Refused`."""
    if not isinstance(message, dict):
        _bad("watch takes one object with from and events_from.")
    return Watch(_count(message, "from"), _count(message, "events_from"))


def read_control_id(message: Any) -> str:
    """The id of a `control`, without which nothing can be said of it; raises `Refused`."""
    request = message.get("id") if isinstance(message, dict) else None
    if not isinstance(request, str) or not _CONTROL_ID.fullmatch(request):
        _bad(f"control: id has to be a text that matches {protocol.CONTROL_ID_PATTERN}")
    return request


def read_control(message: Any) -> protocol.ControlRequest:
    """Check a `control`; raises `Refused`."""
    request = protocol.ControlRequest(id=read_control_id(message), do=message.get("do"))
    if request["do"] not in protocol.CONTROLS:
        _bad(f"control: do has to be one of {list(protocol.CONTROLS)}.")
    if request["do"] == "signal" or (request["do"] == "stop" and "signal" in message):
        request["signal"] = _signal(message.get("signal"))
    if request["do"] == "type":
        request["data"] = _input(message.get("data"))
    return request


def is_token(token: Any) -> bool:
    """Whether it has the shape of a link's token."""
    return isinstance(token, str) and bool(_TOKEN.fullmatch(token))


def token_sha256(token: Any) -> str:
    """How the store knows a link: the SHA-256 of its token; of nothing that could be one, when it is malformed."""
    return hashlib.sha256((token if is_token(token) else "").encode()).hexdigest()


def unpack(codec: str, data: bytes) -> bytes:
    """The output in an `append`, at most CHUNK_BYTES of it: a zlib bomb is refused without being blown up."""
    if not codec:
        raw, whole = data, True
    else:
        decompressor = zlib.decompressobj()
        try:
            raw = decompressor.decompress(data, protocol.CHUNK_BYTES + 1)
        except zlib.error as error:
            _bad(f"append: data is no zlib stream ({error}).")
        whole = decompressor.eof and not decompressor.unused_data
    if len(raw) > protocol.CHUNK_BYTES:
        _bad(f"append: data has more than {protocol.CHUNK_BYTES} bytes of output; send it in smaller pieces.")
    if not whole:
        _bad("append: data is not exactly one whole zlib stream.")
    return raw


def _bad(message: str) -> NoReturn:
    raise Refused("bad_request", message)


def _run_and_epoch(message: Any) -> tuple[str, int]:
    if not isinstance(message, dict):
        _bad("The message has to be one object.")
    run = message.get("run")
    if not isinstance(run, str) or not _RUN_ID.fullmatch(run):
        _bad(f"run has to be a text that matches {protocol.RUN_ID_PATTERN}")
    return run, _count(message, "epoch")


def _count(message: dict[str, Any], name: str) -> int:
    value = message.get(name)
    if type(value) is not int or not 0 <= value < _LARGEST:
        _bad(f"{name} has to be a whole number from 0.")
    return value


def _flag(message: dict[str, Any], name: str) -> bool:
    return message.get(name) is True


def _seconds(message: dict[str, Any], name: str) -> float:
    value: Any = message.get(name)
    if not is_seconds(value):
        _bad(f"{name} has to be a number of seconds.")
    return float(value)


def is_seconds(value: Any) -> bool:
    """Whether it is a number that is finite, and of a size that any clock shows."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < _LARGEST


def _sha256(value: Any, what: str) -> str:
    if not isinstance(value, str) or not _SHA256.fullmatch(value):
        _bad(f"{what} has to be 64 lower-case hexadecimal digits.")
    return value


def _signal(value: Any) -> str:
    if not isinstance(value, str) or not _SIGNAL.fullmatch(value):
        _bad("control: signal has to be a signal's name without its SIG.")
    return value


def _input(value: Any) -> str:
    if not isinstance(value, str) or not 0 < len(value.encode(errors="replace")) <= protocol.INPUT_BYTES:
        _bad(f"control: data has to be a text of 1 to {protocol.INPUT_BYTES} bytes.")
    return value


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _is_tags(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(item, str) for item in value.values())


def _is_git(value: Any) -> bool:
    return _is_tags(value) and value.keys() <= protocol.Git.__annotations__.keys()


_META: dict[str, Callable[[Any], bool]] = {
    **dict.fromkeys(("name", "cwd", "host", "user", "sealed"), lambda value: isinstance(value, str)),
    **dict.fromkeys(("cols", "rows"), lambda value: type(value) is int and 0 <= value < 100_000),
    "command": _is_texts,
    **dict.fromkeys(("tags", "environment"), _is_tags),
    "git": _is_git,
    "started": is_seconds,
    **dict.fromkeys(("pty", "private"), lambda value: isinstance(value, bool)),
    "control": lambda value: value in protocol.POLICIES,
}


def _meta(meta: Any) -> dict[str, Any]:
    """What is known of `meta`; keys that a later protocol may add are left out."""
    if not isinstance(meta, dict):
        _bad("open: meta has to be an object.")
    most = protocol.SEALED_META_BYTES if "sealed" in meta else protocol.META_BYTES
    if len(json.dumps(meta)) > most:
        _bad(f"open: meta has to be at most {most} bytes of JSON.")
    known = {name: meta[name] for name in _META if name in meta}
    for name, value in known.items():
        if not _META[name](value):
            _bad(f"open: meta.{name} is of the wrong type.")
    return known


def _links(links: Any) -> dict[str, str]:
    if not isinstance(links, list) or not 0 < len(links) <= protocol.LINKS_PER_RUN:
        _bad(f"open: links has to be a list of 1 to {protocol.LINKS_PER_RUN}.")
    return dict(_link(link) for link in links)


def _link(link: Any) -> tuple[str, str]:
    if not isinstance(link, dict) or link.get("role") not in protocol.ROLES:
        _bad(f"open: a link's role has to be one of {list(protocol.ROLES)}.")
    return _sha256(link.get("sha256"), "open: a link's sha256"), link["role"]


def _marks(marks: Any, start: int, end: int) -> list[Any] | None:
    if not marks:
        return None
    if not isinstance(marks, list) or len(marks) > protocol.MARKS_PER_CHUNK:
        _bad(f"append: marks has to be a list of at most {protocol.MARKS_PER_CHUNK}.")
    if not all(_is_mark(mark, start, end) for mark in marks):
        _bad("append: a mark has to be [at, t, fd] with at inside the data, and fd 1 or 2.")
    return marks


def _is_mark(mark: Any, start: int, end: int) -> bool:
    if not isinstance(mark, list) or len(mark) != 3:
        return False
    at, t, fd = mark
    return type(at) is int and start <= at < end and is_seconds(t) and fd in (1, 2)


def _is_name(value: Any) -> bool:
    """A text that can be written as UTF-8, which half a surrogate pair can't."""
    return isinstance(value, str) and value == value.encode(errors="replace").decode()


def _strict_json(event: dict[str, Any]) -> str:
    try:
        return json.dumps(event, separators=(",", ":"), allow_nan=False)
    except ValueError:
        _bad("event: JSON has no NaN or Infinity; send null instead.")


def _event(event: Any, first: Any, position: int) -> str:
    if not isinstance(event, dict) or event.get("kind") not in protocol.EVENT_KINDS:
        _bad(f"event: kind has to be one of {list(protocol.EVENT_KINDS)}.")
    if _count(event, "seq") != first["seq"] + position:
        _bad("event: the seq of events in one message have to be consecutive.")
    _count(event, "at")
    _seconds(event, "t")
    if not all(_is_name(event[name]) for name in ("id", "name") if name in event):
        _bad("event: id and name have to be texts.")
    body = _strict_json(event)
    most = protocol.SEALED_EVENT_BYTES if "data" in event else protocol.EVENT_BYTES
    if len(body) > most:
        _bad(f"event: an event has more than {most} bytes of JSON.")
    return body
