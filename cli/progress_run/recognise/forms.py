"""The table of forms: what the lines of progress look like, program by program.

To add one: an entry here and a recording, or a line in tests/recognise/test_forms.py. A form's pattern may have the
groups label, current, total, percent, unit, and `more` for an inner count. The first form that matches reads the line.
"""

from __future__ import annotations

from progress_run.lazy import Pattern
from progress_run.recognise.reading import CLOCK, NUMBER

N = NUMBER
SIZE = r"\d[\d.,]*\s?[kKMGTP]?i?B?"
PERCENT = r"(?P<percent>\d{1,3}(?:\.\d+)?) ?%"
COUNTED = (
    "epoch|step|test|iter|iteration|batch|chunk|fold|round|stage|phase|task|item|file|image|frame|record|row|block|sample|"
    "example|episode|generation|job|layer|shard|object|package|module|document|progress|processed|processing|completed|"
    "finished|done|downloaded|downloading|uploaded|uploading|copied|copying|loaded|loading|converted|converting|"
    "imported|importing|exported|exporting|compiled|compiling|installed|installing|built|building|indexed|indexing|"
    "scanned|scanning|tuple|snapshot|executed|executing|migrated|migrating|rendered|rendering|written|writing|read|reading|tested|testing|checked|"
    "checking|training|evaluating|extracting|extracted|fetching|fetched"
)
NOT_DONE = "waiting|pending|queued|left|remaining|active|online|open|failed|passed|in use|in queue|busy|free|used"
DONE = r"complete|completed|done|finished|processed|downloaded|uploaded|copied|converted|indexed|installed|ready"


class Form:
    """How one program shows progress, or, if it isn't `sure`, how many do.

    Args:
        hints: the form is tried where one of them is in the line.
        pattern: matched from the start of the line.
        label: what a task is called whose line doesn't say.
        sure: one line is enough; otherwise the number has to grow, in place or from line to line.
        thousand: what k means in its numbers.
        in_place: it has to be redrawn, since lines that grow may say it of other things.
    """

    def __init__(
        self,
        name: str,
        hints: tuple[str, ...],
        pattern: str,
        label: str = "Progress",
        unit: str | None = None,
        sure: bool = True,
        thousand: int = 1000,
        in_place: bool = False,
    ) -> None:
        self.name = name
        self.hints = hints
        self.pattern = Pattern(pattern)
        self.label = label
        self.unit = unit
        self.sure = sure
        self.thousand = thousand
        self.in_place = in_place


FORMS = (
    Form(
        "tqdm",  # also enlighten, Hugging Face, Lightning: tqdm.std.tqdm.format_meter
        ("%|",),
        rf"(?:(?P<label>.*?):?\s+|\s*)(?P<percent>\d+(?:\.\d+)?)%\|[^|]*\|\s*(?P<current>{N})\s?(?:\S*?)/(?P<total>{N})"
        rf"\S*\s*\[{CLOCK}<(?:{CLOCK}|\?)"
        r"(?:, +[\d.?]+ ?(?:s/(?P<per>\w+)|(?:[kKMGT](?=B/|it/))?(?P<unit>[^\W\d]\w*)/s))?",
    ),
    Form("tqdm", (" [",), rf"(?:(?P<label>\S.*?):?\s+)?(?P<current>{N})\s?(?P<unit>[^\W\d]\w*) \[{CLOCK}, +[\d.?]+"),
    Form(
        "git", ("% (",), r"(?:remote: )?(?P<label>[A-Z][\w ]+): +(?P<percent>\d+)% \((?P<current>\d+)/(?P<total>\d+)\)"
    ),
    Form(
        "alive",
        ("] in ", " in "),
        rf"(?P<label>.*?) ?\|[^|]*\| (?:\S+ )?(?:\(!\) )?"
        rf"(?P<current>{N})\w*/(?P<total>{N})\w* \[(?P<percent>\d+)%\] in ",
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
        r"\s*[━╸╺ |█▉▊▋▌▍▎▏]+\s+(?P<current>\d[\d.]*)/(?P<total>\d[\d.]*) (?P<scale>[kMG]?)(?P<unit>B|bytes) ",
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
        r"\s*(?P<current>\d+[KM])(?: [.,]{2,})+\s+(?P<percent>\d+)% ",
        label="Download",
        unit="B",
        thousand=1024,
    ),
    Form(
        "curl",
        ("--:", ":"),
        r"\s*(?P<percent>\d+)\s+(?P<total>\d[\d.]*[kMGTP]?)\s+\d+\s+(?P<current>\d[\d.]*[kMGTP]?)\s+\d+\s+\d[\d.]*[kMGTP]?"
        r"(?:\s+\d[\d.]*[kMGTP]?){2}(?:\s+[-\d]+:[-\d]+:[-\d]+|\s+--:--:--){3}\s+\d",
        label="curl",
        unit="B",
        thousand=1024,
    ),
    Form("curl", ("#", "%"), r"#+\s+(?P<percent>\d{1,3}\.\d)%\s*$", label="curl", sure=False),
    Form(
        "rsync",
        ("/s ",),
        r"\s*(?P<current>\d[\d,.]*[kKMGT]?)\s+(?P<percent>\d+)%\s+[\d.,]+[kKMGT]?B/s\s+\d+:\d\d:\d\d",
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
        r"\[ *(?P<percent>\d+)%\] "
        r"(?:Building|Linking|Built|Generating|Performing|Creating|Completed|Automatic|Running)\b",
        label="Build",
    ),
    Form(
        "ninja",
        ("[",),
        r"\[ *(?P<current>[\d,]+)(?: ?/ ?| of )(?P<total>[\d,]+)\] "
        r"(?:Building|Linking|Generating|Compiling|Re-running|Copying|cc|CXX?|AR)\b",
        label="Build",
    ),
    Form("cargo", ("Building [",), r"\s*Building \[[=> ]*\] (?P<current>\d+)/(?P<total>\d+)", label="Build"),
    Form(
        "pytest",
        ("%]",),
        r".*?(?:\b(?:PASSED|FAILED|SKIPPED|ERROR|XFAIL|XPASS)\b.*|\.py\s[.FEsxXp]*\s*|^[.FEsxXp]+\s*)"
        r"\[ *(?P<percent>\d+)%\]\s*$",
        label="Tests",
    ),
    Form("pytest", ("%] ",), r"\[gw\d+\] \[ *(?P<percent>\d+)%\] ", label="Tests"),
    Form(
        "pytest",
        ("]",),
        r".*?(?:\b(?:PASSED|FAILED|SKIPPED|XFAIL|XPASS)\b|\.py\s[.FEsxXp]+)\s+"
        r"\[ *(?P<current>\d+)/(?P<total>\d+)\]\s*$",
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
        r"(?P<label>(?:Reading|Building) (?:package lists|dependency tree|state information)|Extracting templates.*?)"
        r"(?:\.\.\. ?|: )(?P<percent>\d+)%",
        sure=False,
    ),
    Form(
        "docker",
        (": Downloading [", ": Extracting [", ": Pushing ["),
        rf"(?P<label>[0-9a-f]{{12}}): (?:Downloading|Extracting|Pushing) \[[=> ]*\]\s+"
        rf"(?P<current>{SIZE})/(?P<total>{SIZE})",
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
    Form("yt-dlp", ("[download]",), r"\[download\]\s+(?P<percent>[\d.]+)% of", label="Download"),
    Form(
        "npm",
        ("] ", ") ", "⸩ "),
        r"[\[(⸨](?P<full>[#█]*)(?P<empty>[.⠂░ ]*)[\])⸩] [-/|\\\u2800-\u28ff] ",
        label="npm",
    ),
    Form("docker", ("Step ",), r"Step (?P<current>\d+)/(?P<total>\d+) : ", label="Image"),
    Form("buildkit", ("#",), r"#\d+ \[(?:[\w.-]+ )?(?P<current>\d+)/(?P<total>\d+)\] \S", label="Image"),
    Form("buildkit", ("[+] B",), r"\[\+\] Building [\d.]+s \((?P<current>\d+)/(?P<total>\d+)\)", label="Image"),
    Form(
        "scp",
        ("% ",),
        rf"(?P<label>\S.*?)\s+(?P<percent>\d+)%\s+{SIZE}\s+[\d.]+\s?[kKMGT]?i?B/s\s+(?:{CLOCK}|--:--)",
    ),
    Form("aws", ("Completed ",), rf"Completed (?P<current>{SIZE})/~?(?P<total>{SIZE}) \(", label="Transfer", unit="B"),
    Form("xz", (" = ",), rf"\s*{PERCENT} +{SIZE} / {SIZE} = \d\.\d", label="xz"),
    Form("spark", ("[Stage ",), r"\[(?P<label>Stage \d+):=*>?\s*\((?P<current>\d+) \+ \d+\) / (?P<total>\d+)\]"),
    Form(
        "phpunit",
        ("%)",),
        r"[.FEWRSDIN]+\s+(?P<current>\d+) / (?P<total>\d+) \(\s*(?P<percent>\d+)%\)$",
        label="Tests",
    ),
    Form(
        "maven",
        ("[INFO] Building ",),
        r"\[INFO\] Building \S.* \[(?P<current>\d+)/(?P<total>\d+)\]$",
        label="Build",
    ),
    Form("cypress", ("Running: ",), r"\s*Running:  \S.* \((?P<current>\d+) of (?P<total>\d+)\)$", label="Tests"),
    Form(
        "nextest",
        ("] (",),
        r"\s+(?:PASS|FAIL|SLOW|FLAKY|TIMEOUT|SIG\w+) \[[^\]]*\] \( *(?P<current>\d+)/(?P<total>\d+)\) ",
        label="Tests",
    ),
    Form(
        "meson",
        (" OK ", " FAIL ", " SKIP ", " TIMEOUT ", " ERROR "),
        r"\s*(?P<current>\d+)/(?P<total>\d+) \S.* (?:OK|FAIL|SKIP|TIMEOUT|ERROR) +\d+\.\d+ ?s",
        label="Tests",
    ),
    Form("qemu-img", ("/100%)",), r"\s*\((?P<percent>\d+\.\d+)/100%\)\s*$", label="qemu-img"),
    Form(
        "batches",  # pytorch/examples, torchvision, fairseq: "Train Epoch: 1 [1200/10000 (12%)]"
        ("poch",),
        r"(?P<label>(?:\w+ )?[Ee]poch:?\s*\[?\d+(?!\d)\]?)[:\s\[]+(?P<current>\d+)\s?/\s?(?P<total>\d+)[\s\]]",
    ),
    Form(
        "epoch",
        ("poch", "POCH"),
        r"(?P<label>[Ee]poch|EPOCH)\s*[:#]?\s*[\[(]?\s*"
        r"(?P<current>\d+)\s*(?:/|of|out of)\s*(?P<total>\d+)\b(?!\.\d)(?P<more>.*)",
    ),
)

LOOSE = (
    Form(
        "percent",  # rclone and the like
        ("ETA", "eta"),
        rf"\W{{0,4}}(?P<label>[^\W\d][\w .'…/-]{{0,40}}?)[:\s]\s.*?(?<![\d.,]){PERCENT}.*?\b(?:ETA|eta)\b",
        sure=False,
    ),
    Form(
        "percent",
        ("%",),
        rf"(?i)(?P<label>[^\W\d][\w ,.'…/-]{{0,60}}?)[\s:.…=-]+{PERCENT} ?(?:{DONE})?[\s,;]*[\[(]?"
        r"(?P<current>\d[\d,]*)\s?(?:/|of|out of)\s?(?P<total>\d[\d,]*)\b",
        sure=False,
    ),
    Form(
        "counted",
        ("/", " of "),
        rf"(?i).*?(?<![\w/.-])(?P<label>(?:{COUNTED})s?)\s*[:=#]?\s*[\[(]?\s*(?P<current>\d[\d,]*)"
        r"\s*(?:/|of|out of)\s*(?P<total>\d[\d,]*)(?![\w/.%:-]*\d|/|\.\w)(?P<more>.*)",
        sure=False,
    ),
    Form(
        "counted",
        ("/", " of "),
        rf"(?i).*?(?<![\w/.:-])(?P<current>\d[\d,]*)\s*(?:/|of|out of)\s*(?P<total>\d[\d,]*)\s+"
        rf"(?P<label>(?:{COUNTED})s?(?:\s+(?:{DONE}))?)\b(?!\s+(?:{NOT_DONE})\b)(?P<more>.*)",
        sure=False,
    ),
    Form(
        "head",
        ("[", "("),
        r"[\[(] *(?P<current>\d[\d,]*) ?/ ?(?P<total>\d[\d,]*)[\])]:?(?:\s|$)",
        label="Steps",
        sure=False,
    ),
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
        rf"(?i)\W{{0,4}}(?:(?P<label>[^\W\d][\w ,.'…:/()-]{{0,60}}?)[\s:.…=(\[-]*)?(?<![\d.,]){PERCENT} ?\)?\]?"
        rf"\s*(?P<done>{DONE})?[.!…]*\s*$",
        sure=False,
    ),
    Form(
        "percent",
        ("%",),
        rf"(?i)\W{{0,4}}(?:(?P<label>[^\W\d][\w ,.'…:/()-]{{0,60}}?)[\s:.…=(\[-]*)?(?<![\d.,]){PERCENT}"
        rf" (?P<done>{DONE})\b",
        sure=False,
    ),
    Form(
        "count",
        ("/",),
        r"\W{0,4}(?P<label>[^\W\d][\w ,.'…()-]{1,60}?):?\s+(?P<current>\d+)\s?/\s?(?P<total>\d+)(?: ?[kKMG]?i?B)?$",
        sure=False,
        in_place=True,
    ),
    Form("percent", ("% ",), rf"\s*{PERCENT} [A-Za-z][a-z]+ing\b", sure=False, in_place=True),
)
"""What several programs do, or nobody in particular: tried last."""
