"""The table of forms: what the lines of progress look like, program by program.

To add one: an entry here and a recording, or a line in tests/recognise/test_forms.py. A form's pattern may have the
groups label, current, total, percent, unit, and `more` for an inner count. The first form that matches reads the line.
"""

from __future__ import annotations

import functools
import re
from typing import NamedTuple

from progress_run.recognise import bars, labels
from progress_run.recognise.reading import CLOCK, GROWS, GROWS_MUCH, NUMBER, Reading, number, percentage

LINE_CHARS = 512
"""What of a line is looked at: no bar is longer, and patterns stay cheap."""

SENTENCE_CHARS = 20
"""A count that begins later than this stands in the midst of a log line."""

N = NUMBER
SIZE = r"\d[\d.,]*\s?[kKMGTP]?i?B?"
COUNTED = (
    "epoch|step|iter|iteration|batch|chunk|fold|round|stage|phase|task|item|file|image|frame|record|row|block|sample|"
    "example|episode|generation|job|layer|shard|object|package|module|document|progress|processed|processing|completed|"
    "finished|done|downloaded|downloading|uploaded|uploading|copied|copying|loaded|loading|converted|converting|"
    "imported|importing|exported|exporting|compiled|compiling|installed|installing|built|building|indexed|indexing|"
    "scanned|scanning|migrated|migrating|rendered|rendering|written|writing|read|reading|tested|testing|checked|"
    "checking|training|evaluating|extracting|extracted|fetching|fetched"
)
DONE = r"complete|completed|done|finished|processed|downloaded|uploaded|copied|converted|indexed|installed|ready"


class Form(NamedTuple):
    """How one program shows progress, or, if it isn't `sure`, how many do.

    Attributes:
        hints: the form is tried where one of them is in the line; empty: always.
        pattern: matched from the start of the line unless it begins with `.*?`.
        label: what a task is called whose line doesn't say.
        sure: one line is enough; otherwise the number has to grow, in place or from line to line.
        thousand: what k means in its numbers.
    """

    name: str
    hints: tuple[str, ...]
    pattern: str
    label: str = "Progress"
    unit: str | None = None
    sure: bool = True
    thousand: int = 1000


FORMS = (
    Form(
        "tqdm",  # also enlighten, Hugging Face, Lightning: tqdm.std.tqdm.format_meter
        ("%|",),
        rf"(?:(?P<label>.*?):?\s+|\s*)(?P<percent>\d+(?:\.\d+)?)%\|[^|]*\|\s*(?P<current>{N})\s?(?:\S*?)/(?P<total>{N})"
        rf"\S*\s*\[(?:{CLOCK}|\?)<[^\]]*?(?:[\d.]+[kKMGT]?|\?)\s?(?P<unit>[^\W\d][^/\s,\]]*)?",
    ),
    Form("tqdm", (" [",), rf"(?:(?P<label>\S.*?):?\s+)?(?P<current>{N})\s?(?P<unit>[^\W\d]\w*) \[{CLOCK}, +[\d.?]+"),
    Form("git", ("% (",), rf"(?:remote: )?(?P<label>[A-Z][\w ]+): +(?P<percent>\d+)% \((?P<current>\d+)/(?P<total>\d+)\)"),
    Form(
        "alive",
        ("] in ", " in "),
        rf"(?P<label>.*?) ?\|[^|]*\| (?:\S+ )?(?:\(!\) )?(?P<current>{N})\w*/(?P<total>{N})\w* \[(?P<percent>\d+)%\] in ",
    ),
    Form("alive", (" in ",), rf"(?P<label>.*?) ?\|[^|]*\| (?:\S+ )?(?P<current>{N})(?P<unit>\w*) in [\dhms.:]+ \("),
    Form(
        "progressbar2",
        ("% (",),
        rf"(?P<label>.*?)\s*(?P<percent>\d+)% ?\((?P<current>{SIZE}) of (?P<total>{SIZE})\) ?[\[|]",
    ),
    Form(
        "keras",
        ("/",),
        r"\s*(?P<current>\d+)/(?P<total>\d+) (?:\[[=>.]+\]|━+) .*?(?:ETA|s/step|s/epoch|/step|\d+s)",
        label="Batches",
    ),
    Form("dask", ("Completed |",), r"\[[# ]*\] \| +(?P<percent>\d+(?:\.\d+)?)% Completed \|", label="Compute"),
    Form(
        "joblib",
        ("[Parallel(",),
        r"\[Parallel\(n_jobs=-?\d+\)\]: Done +(?P<current>\d+) (?:out of +(?P<total>\d+)|tasks? )",
        label="Parallel",
    ),
    Form(
        "pip",
        ("eta ",),
        rf"\s*[━╸╺ |█▉▊▋▌▍▎▏]+\s+(?P<current>\d[\d.]*)/(?P<total>\d[\d.]*) (?P<scale>[kMG]?)(?P<unit>B|bytes) ",
        label="Download",
    ),
    Form(
        "wget",
        ("%[",),
        rf"(?P<label>\S.*?)\s*(?P<percent>\d+)%\[[=+>\- ]*\]\s+(?P<current>{N})",
        unit="B",
        thousand=1024,
    ),
    Form(
        "wget",
        ("% ",),
        rf"\s*(?P<current>\d+[KM])(?: [.,]{{2,}})+\s+(?P<percent>\d+)% ",
        label="Download",
        unit="B",
        thousand=1024,
    ),
    Form(
        "curl",
        ("--:", ":"),
        rf"\s*(?P<percent>\d+)\s+(?P<total>\d[\d.]*[kMGTP]?)\s+\d+\s+(?P<current>\d[\d.]*[kMGTP]?)\s+\d+\s+\d[\d.]*[kMGTP]?"
        r"(?:\s+\d[\d.]*[kMGTP]?){2}(?:\s+[-\d]+:[-\d]+:[-\d]+|\s+--:--:--){3}\s+\d",
        label="curl",
        unit="B",
        thousand=1024,
    ),
    Form("curl", ("#", "%"), r"#+\s+(?P<percent>\d{1,3}\.\d)%\s*$", label="curl", sure=False),
    Form(
        "rsync",
        ("/s ",),
        rf"\s*(?P<current>\d[\d,.]*[kKMGT]?)\s+(?P<percent>\d+)%\s+[\d.,]+[kKMGT]?B/s\s+\d+:\d\d:\d\d",
        label="rsync",
        unit="B",
    ),
    Form(
        "pv",
        ("B/s]",),
        rf"\s*(?:(?P<label>\S.*?):\s+)?(?P<current>\d[\d.]*\s?[kKMGT]?i?)B\s+{CLOCK}\s+\[\s*[\d.]+\s?[kKMGT]?i?B/s\]"
        r"(?:.*?\s(?P<percent>\d+)%)?",
        label="pv",
        unit="B",
        thousand=1024,
    ),
    Form(
        "dd",
        ("bytes (",),
        r"(?P<current>\d+) bytes \([^)]*\) copied, ",
        label="dd",
        unit="B",
        sure=False,
    ),
    Form("7z", ("% ",), r"\s*(?P<percent>\d+)%(?: \d+)? [-+UTR=.DM] \S", label="7z", sure=False),
    Form(
        "zstd",
        ("Read:", "Read :"),
        rf"(?:(?P<label>\S.*?)\s*:?\s)?Read ?:\s*(?P<current>{SIZE})\s*/\s*(?P<total>{SIZE})",
        label="zstd",
        unit="B",
        thousand=1024,
    ),
    Form(
        "make",
        ("%]",),
        r"\[ *(?P<percent>\d+)%\] (?:Building|Linking|Built|Generating|Performing|Creating|Completed|Automatic|Running)\b",
        label="Build",
    ),
    Form(
        "ninja",
        ("[",),
        r"\[(?P<current>[\d,]+) ?/ ?(?P<total>[\d,]+)\] (?:Building|Linking|Generating|Compiling|Re-running|Copying|cc|CXX?|AR)\b",
        label="Build",
    ),
    Form("cargo", ("Building [",), r"\s*Building \[[=> ]*\] (?P<current>\d+)/(?P<total>\d+)", label="Build"),
    Form(
        "pytest",
        ("%]",),
        r".*?(?:\b(?:PASSED|FAILED|SKIPPED|ERROR|XFAIL|XPASS)\b.*|\.py\s[.FEsxXp]*\s*|^[.FEsxXp]+\s*)\[ *(?P<percent>\d+)%\]\s*$",
        label="Tests",
    ),
    Form("pytest", ("%] ",), r"\[gw\d+\] \[ *(?P<percent>\d+)%\] ", label="Tests"),
    Form(
        "pytest",
        ("]",),
        r".*?(?:\b(?:PASSED|FAILED|SKIPPED|XFAIL|XPASS)\b|\.py\s[.FEsxXp]+)\s+\[ *(?P<current>\d+)/(?P<total>\d+)\]\s*$",
        label="Tests",
    ),
    Form("sphinx", ("... [",), r"(?P<label>[a-z][\w ,'/-]*)\.\.\. \[ *(?P<percent>\d+)%\]"),
    Form(
        "snakemake",
        (" steps (",),
        r"(?P<current>\d+) of (?P<total>\d+) steps \((?P<percent>[\d.]+)%\) done",
        label="Workflow",
    ),
    Form("apt", ("Progress: [",), r"Progress: \[ *(?P<percent>\d+)%\]", label="Progress"),
    Form("apt", ("% [",), r"\s*(?P<percent>\d+)% \[(?:\d+ |Working|Waiting|Connect|Scan|Sub)", label="Download"),
    Form(
        "aria2",
        ("[#",),
        rf"\[#[0-9a-f]{{6}} (?P<current>{SIZE})/(?P<total>{SIZE})\((?P<percent>\d+)%\)",
        label="Download",
        unit="B",
    ),
    Form(
        "apt",
        ("... ", "packages: "),
        r"(?P<label>Reading package lists|Building dependency tree|Reading state information|Extracting templates from packages)"
        r"(?:\.\.\. ?|: )(?P<percent>\d+)%",
        sure=False,
    ),
    Form(
        "docker",
        (": Downloading [", ": Extracting [", ": Pushing ["),
        rf"(?P<label>[0-9a-f]{{12}}): (?:Downloading|Extracting|Pushing) \[[=> ]*\]\s+(?P<current>{SIZE})/(?P<total>{SIZE})",
        unit="B",
    ),
    Form(
        "progressbar2",
        ("Elapsed Time: ",),
        rf"(?P<label>.*?)\s*[-/|\\] \|[# ]*\| (?P<current>{N})\w* Elapsed Time: ",
    ),
    Form(
        "pytest",
        (".py ",),
        r"\s*\S+\.py [✓✗sxX☐?—⨯⠀ ]+ (?P<percent>\d+)% [▏▎▍▌▋▊▉█]",
        label="Tests",
    ),
    Form("yt-dlp", ("[download]",), rf"\[download\]\s+(?P<percent>[\d.]+)% of", label="Download"),
    Form(
        "npm",
        ("] ", ") ", "⸩ "),
        r"[\[(⸨](?P<full>[#█]*)(?P<empty>[.⠂░ ]*)[\])⸩] [-/|\\\u2800-\u28ff] ",
        label="npm",
    ),
    Form("docker", ("Step ",), r"Step (?P<current>\d+)/(?P<total>\d+) : ", label="Image"),
    Form(
        "epoch",
        ("poch", "POCH"),
        r"(?P<label>[Ee]poch|EPOCH)\s*[:#]?\s*[\[(]?\s*(?P<current>\d+)\s*(?:/|of|out of)\s*(?P<total>\d+)\b(?!\.\d)(?P<more>.*)",
    ),
)

LOOSE = (
    Form(
        "percent",
        ("%",),
        rf"(?i)(?P<label>[^\W\d][\w ,.'…/-]{{0,60}}?)[\s:.…=-]+(?P<percent>\d{{1,3}}(?:\.\d+)?) ?% ?(?:{DONE})?[\s,;]*[\[(]?"
        r"(?P<current>\d[\d,]*)\s?(?:/|of|out of)\s?(?P<total>\d[\d,]*)\b",
        sure=False,
    ),
    Form(
        "counted",
        ("/", " of "),
        rf"(?i).*?(?<![\w/.-])(?P<label>(?:{COUNTED})s?)\s*[:=#]?\s*[\[(]?\s*(?P<current>\d[\d,]*)"
        r"\s*(?:/|of|out of)\s*(?P<total>\d[\d,]*)(?![\w/.%:-]*\d)(?P<more>.*)",
        sure=False,
    ),
    Form(
        "counted",
        ("/", " of "),
        rf"(?i).*?(?<![\w/.:-])(?P<current>\d[\d,]*)\s*(?:/|of|out of)\s*(?P<total>\d[\d,]*)\s+"
        rf"(?P<label>(?:{COUNTED})s?(?:\s+(?:{DONE}))?)\b(?P<more>.*)",
        sure=False,
    ),
    Form("head", ("[", "("), r"[\[(] *(?P<current>\d[\d,]*) ?/ ?(?P<total>\d[\d,]*)[\])](?:\s|$)", label="Steps", sure=False),
    Form("head", ("%]", "%)"), r"[\[(] *(?P<percent>\d+(?:\.\d+)?) ?%[\])]", label="Steps", sure=False),
    Form(
        "tail",
        ("]", ")"),
        r"(?P<label>[^\d\[(][^\[(\d]{2,60}?)\s*[\[(](?P<current>\d+)/(?P<total>\d+)[\])]$",
        sure=False,
    ),
    Form(
        "percent",
        ("%",),
        rf"(?i)(?:(?P<label>[^\W\d][\w ,.'…:/()-]{{0,60}}?)[\s:.…=(\[-]*)?(?<![\d.,])(?P<percent>\d{{1,3}}(?:\.\d+)?) ?% ?\)?\]?\s*(?:{DONE})?[.!…]*\s*$",
        sure=False,
    ),
    Form(
        "percent",
        ("%",),
        rf"(?i)(?:(?P<label>[^\W\d][\w ,.'…:/()-]{{0,60}}?)[\s:.…=(\[-]*)?(?<![\d.,])(?P<percent>\d{{1,3}}(?:\.\d+)?) ?% (?:{DONE})\b",
        sure=False,
    ),
)

_MARKS = (
    ("%", r"\d ?%"),
    ("/", r"[\dB]\s?/\s?\d|/s"),
    ("of ", r"\d (?:out )?of +\d"),
    (" [", r"\d\s?\w* \[\d"),
    ("copied,", "copied,"),
    ("--:", "--:"),
    ("tasks ", "tasks "),
    ("Elapsed T", "Elapsed T"),
    ("/ ", r"[\])⸩] / "),
    ("..", r"[\])] [-|/\\] |\.\] "),
    ("⸩", "⸩"),
    (":", r":\d\d +\d+[kMG]?$"),
)
"""What every line has that a form can read: the first is found quickly, the second says more."""

_USAGE = re.compile(
    r"(?i)\b(?:cpu|gpu|mem|memory|ram|swap|disk|usage|use|used|util|utili[sz]ation|load|battery|humidity|idle|free|hit|"
    r"cache|ratio|rate|coverage|accuracy|acc|loss|score|confidence|volume|quality|temp|fan|similarity|p\d+|attempt|"
    r"retry|retries|try|page|worker|error|errors|failed|passed)\b"
)


@functools.cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """Compiled when first needed: a short job doesn't wait for it."""
    return re.compile(pattern)


BAR = Form("bar", (), "", sure=False)
"""Bars of whatever program, which `bars` reads."""

_DIGITS = str.maketrans("123456789", "0" * 9)
_SHAPES = 2000


class Reader:
    """Reads lines, and remembers the shapes of those that said nothing: logs repeat themselves in all but the digits."""

    def __init__(self) -> None:
        self._nothing: set[str] = set()

    def read(self, text: str, first: Form | None) -> tuple[Form, Reading] | None:
        """What a line says of a task, and the form it has; `first` is the form that its row had before."""
        text = text[:LINE_CHARS].rstrip()
        if first is not None and (found := _try(first, text)):
            return first, found
        if not _is_marked(text):
            return None
        shape = text.translate(_DIGITS)
        if shape in self._nothing:
            return None
        found_by = _first(FORMS, text) or _first((BAR,), text) or _first(LOOSE, text)
        if found_by is None:
            self._forget(shape)
        return found_by

    def _forget(self, shape: str) -> None:
        if len(self._nothing) >= _SHAPES:
            self._nothing.clear()
        self._nothing.add(shape)


def _is_marked(text: str) -> bool:
    for mark, pattern in _MARKS:  # any() would take twice as long, and this is done for each line of a log
        if mark in text and _compiled(pattern).search(text):
            return True
    return False


def _first(table: tuple[Form, ...], text: str) -> tuple[Form, Reading] | None:
    for form in table:
        found = _try(form, text)
        if found:
            return form, found
    return None


def _try(form: Form, text: str) -> Reading | None:
    if form is BAR:
        return bars.read(text)
    for hint in form.hints:
        if hint in text:
            break
    else:
        return None
    match = _compiled(form.pattern).match(text)
    return _reading(form, match) if match else None


def is_next(before: str, now: str) -> bool:
    """Whether `now` is the same bar as `before`, no less far: then nobody needs to have read `before`.

    Told by what stands before the percent sign alone, since a bar may be redrawn ten thousand times a second.
    """
    stem_before, percent_before = _stem(before)
    stem, percent = _stem(now)
    return stem == stem_before and 0 <= percent_before <= percent


def _stem(text: str) -> tuple[str, float]:
    """What stands before the percent, and the percent; -1 if there is none."""
    head = text[: text.find("%")]
    stem = head.rstrip("0123456789. ")
    try:
        return stem, float(head[len(stem) :])
    except ValueError:
        return stem, -1


def _reading(form: Form, match: re.Match[str]) -> Reading | None:
    groups = match.groupdict()
    label = labels.clean(groups.get("label"))
    if not form.sure and _USAGE.search(label):
        return None
    scale = groups.get("scale") or ""
    current = number((groups.get("current") or "") + scale, form.thousand)
    total = number((groups.get("total") or "") + scale, form.thousand) or None
    percent = percentage(groups.get("percent"), current, total)
    if "full" in groups:
        percent = percentage(None, len(groups["full"]), len(groups["full"]) + len(groups["empty"]))
    unit = groups.get("unit") or form.unit
    return Reading(
        form.name, label or form.label, current, total, unit, percent, _evidence(form, match), _is_open(groups.get("more"))
    )


def _evidence(form: Form, match: re.Match[str]) -> int:
    if form.sure:
        return 0
    return GROWS_MUCH if form.name == "counted" and match.start("current") > SENTENCE_CHARS else GROWS


_INNER = re.compile(r"(\d+)\s*(?:/|of)\s*(\d+)")


def _is_open(more: str | None) -> bool:
    """Whether the last of a count has only begun: nothing follows it, or an inner count that is not at its end."""
    if more is None:
        return False
    inner = _INNER.search(more)
    return int(inner[1]) < int(inner[2]) if inner else not more.strip(" ]):.-")
