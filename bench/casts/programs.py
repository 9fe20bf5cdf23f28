"""The programs that are recorded: how to run each, and what has to be there before."""

from __future__ import annotations

from dataclasses import dataclass

SERVE = 'python -m http.server --bind 127.0.0.1 8765 >/dev/null 2>&1 & server=$!; trap "kill $server" EXIT; sleep 1; '
"""Begins a command that needs a web server in its folder."""
URL = "http://127.0.0.1:8765/big.bin"


@dataclass(frozen=True)
class Program:
    """A command line, and a bash script that makes its folder ready; $JOBS is where the jobs beside this file are."""

    argv: tuple[str, ...]
    setup: str = ":"


def job(file: str, name: str) -> Program:
    """One function of one of the jobs beside this file."""
    return Program(("python", file, name), f"cp $JOBS/{file} .")


def shell(command: str, folder: str = "", change: str = ":") -> Program:
    """A line for bash, in a folder as one of folders/ makes it, with a last change to it."""
    setup = f"bash -e $JOBS/folders/{folder}.sh; {change}" if folder else change
    return Program(("bash", "-c", command), setup)


def jobs(file: str, prefix: str, *names: str) -> dict[str, Program]:
    """Several functions of a file, each recorded under its own name."""
    return {prefix + name: job(file, name) for name in names}


TQDM = "unknown_total scaled binary positions custom plain written logged inner_again renamed killed stopped_early"
RICH = "tracked download counted unknown_then_known failed transient"
OTHERS = (
    "alive_unknown alive_themes alive_short progressbar2 progressbar2_default progressbar2_bytes progressbar2_unknown "
    "click_bars click_unlabelled verigak verigak_percent enlighten dask joblib"
)
LINES = (
    "keras keras2 snakemake epochs steps_of percent_complete percent_lines yolo gradle docker_pull pacman bazel osc_bar"
)
NEGATIVE = "journal coverage tables summaries markdown progress_in_sentences xgboost"

APT = r"apt-get install -y --reinstall -o 'Dir::Ignore-Files-Silently::=\.disabled' "

PROGRAMS = {
    **jobs("with_tqdm.py", "tqdm_", *TQDM.split()),
    **jobs("with_tqdm.py", "", "lightning", "trainer"),
    **jobs("with_rich.py", "rich_", *RICH.split()),
    **jobs("with_others.py", "", *OTHERS.split()),
    **jobs("with_others.py", "neg_", "spinners"),
    **jobs("lines.py", "", *LINES.split()),
    **jobs("lines.py", "neg_", *NEGATIVE.split()),
    "pv": shell("pv -i 0.1 -L 12m big.bin >/dev/null", "big"),
    "pv_named": shell("pv -i 0.1 -N payload -L 12m -pterb big.bin >/dev/null", "big"),
    "pv_unknown": shell("cat big.bin | pv -i 0.1 -L 12m >/dev/null", "big"),
    "7z": shell("7z a -bsp1 -mx=5 out.7z huge.bin", "huge"),
    "zstd": shell("zstd -15 --progress -f huge.bin -o out.zst", "huge"),
    "aria2": shell(SERVE + "aria2c --summary-interval=0 --max-download-limit=3M -o o " + URL, "big"),
    "curl": shell(SERVE + "curl --limit-rate 4M -o o " + URL, "big"),
    "curl_hash": shell(SERVE + "curl -# --limit-rate 6M -o o " + URL, "big"),
    "wget_dot": shell(SERVE + "wget --progress=dot:mega --limit-rate=12m -O o " + URL, "big"),
    "wget_two": shell(SERVE + f"wget --limit-rate=9m {URL} {URL.replace('big', 'two')}", "big"),
    "rsync_files": shell("rsync -a --progress --bwlimit=3000 src/ dst/", "files"),
    "dd": shell("timeout -s INT 4.5 dd if=/dev/zero of=/dev/null bs=64k status=progress; true"),
    "git_push": shell("git -C g push --progress ../bare.git HEAD:main", "repository"),
    "git_checkout": shell("git clone --progress --no-local g copy", "repository"),
    "git_gc": shell("git -C g gc --aggressive", "repository"),
    "neg_git_stat": shell("git -C g log --stat | head -80", "repository"),
    "neg_ls": shell("ls -l g | head -60; du -ah g | head -30; df -h /dev/shm", "repository"),
    "cmake_make_parallel": shell("cmake -S . -B b >/dev/null && make -C b -j2 --no-print-directory", "c_sources"),
    "ninja": shell("cmake -G Ninja -S . -B b >/dev/null && ninja -C b -j2", "c_sources"),
    "ninja_fails": shell("cmake -G Ninja -S . -B b >/dev/null && ninja -C b -j1", "c_sources", "echo oops >f20.c"),
    "neg_make": shell("make", "makefile"),
    "cargo": shell("cargo build --offline -j1", "crates"),
    "pytest_dots": shell("python -m pytest -p no:sugar t", "tests"),
    "pytest_quiet": shell("python -m pytest -p no:sugar -q t", "tests"),
    "pytest_xdist": shell("python -m pytest -p no:sugar -n 2 t", "tests"),
    "pytest_stops": shell("python -m pytest -p no:sugar -x t", "tests", "echo 'def test_no(): assert 0' >>t/test_1.py"),
    "pytest_sugar": shell("python -m pytest t", "tests"),
    "sphinx": shell("python -m sphinx -M html s b", "pages"),
    "pip": shell("pip install --disable-pip-version-check --no-cache-dir --no-deps --target t sphinx babel pygments"),
    "uv": shell("uv pip install --system-certs --no-cache --no-deps --target t sphinx babel pygments"),
    "neg_npm": shell("npm init -y >/dev/null 2>&1 && npm install --no-audit --no-fund --no-update-notifier left-pad"),
    "apt_install": shell(APT + "-o Dpkg::Progress-Fancy=1 pv p7zip-full zstd"),
    "apt_plain": shell(APT + "-o Dpkg::Progress-Fancy=0 pv zstd"),
}  # fmt: skip
