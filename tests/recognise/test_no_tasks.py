"""Ordinary output with percents, fractions and growing numbers in it, none of which is progress."""

import pytest
from tests.recognise.replayed import reports

LOGS = {
    "usage in logs": [f"10:00:{i:02} INFO worker cpu={i}% mem=45% queue 12/100 200 OK 3.4ms" for i in range(60)],
    "a queue": [f"queue {i}/100 items waiting" for i in range(10, 90)],
    "retries": [f"Attempt {i}/5 failed, retrying in 3 s" for i in range(1, 6)],
    "retries in words": [f"Retry {i} of 5" for i in range(1, 6)],
    "workers": [f"Worker {i}/8 started" for i in range(1, 9)],
    "pages": [f"Page {i} of 10" for i in range(1, 10)],
    "dates": [f"{month}/10/2026 10:00 server restarted" for month in range(1, 12)],
    "days": [f"{day}/11 10:00:00 INFO hello" for day in range(1, 28)],
    "access log": [f'10.0.0.1 - - [12/Nov/2026:10:00:{i:02} +0000] "GET /a/{i}/100" 200 {i}' for i in range(60)],
    "df": [f"/dev/sda1  100G  {i}G  {100 - i}G  {i}% /" for i in range(40, 50)],
    "disk usage": [f"Disk usage: {i}%" for i in range(40, 60)],
    "heap": [f"Heap {i}/512 MB" for i in range(10, 90)],
    "connections": [f"connections: {i}/100" for i in range(10, 90)],
    "users": [f"{i}/50 users online" for i in range(10, 30)],
    "coverage": [
        "src/a.py   120   12   90%",
        "src/b.py   12   1   91%",
        "src/c.py   1   0   92%",
        "TOTAL  300  14  93%",
    ],
    "accuracy": [f"Accuracy: {i}%" for i in range(50, 70)],
    "accuracy of epochs": [f"Epoch {i}: accuracy {50 + i}%" for i in range(9)],
    "confidence": [f"confidence {i}%" for i in range(50, 70)],
    "score": [f"Score: {i}/10" for i in range(1, 11)],
    "sentences": ["We are 100% sure", "80% of users did", "It was 90% done by then.", "100% [of it] is gone"],
    "prices": ["Save 10%", "Save 20%", "Save 30%"],
    "recipes": ["1/3 cup", "2/3 cup", "3/3 cup"],
    "pods": ["web-1  0/3  Pending", "web-2  1/3  Running", "web-3  2/3  Running", "web-4  3/3  Running"],
    "Markdown": ["- [ ] todo", "- [x] done", "| a | 45% |", "|---|---|", "[####] heading"],
    "googletest": [
        "[==========] Running 12 tests from 3 test suites.",
        "[----------] 4 tests from Foo",
        "[ RUN      ] Foo.Bar",
        "[       OK ] Foo.Bar (0 ms)",
        "[==========] 12 tests from 3 test suites ran. (0 ms total)",
        "[  PASSED  ] 12 tests.",
    ],
    "jest": ["Tests: 1 failed, 11 passed, 12 total", "-----|---------|----------|", "All files |   85.71 |      100 |"],
    "nvidia-smi": [
        f"| {i}%   45C   P8   20W / 250W |  {1000 + i}MiB / 8192MiB |  {i}%   Default |" for i in range(30, 50)
    ],
    "ping": ["64 bytes from 1.1.1.1: icmp_seq=1 ttl=57 time=3.4 ms", "9 packets, 9 received, 0% packet loss, time 8ms"],
    "git diff --stat": [" foo.py | 12 +++++-----", " bar.py | 30 ++++++++++++++++++++", " 2 files changed"],
    "git renames": [f"similarity index {i}%" for i in range(90, 99)],
    "zip": [f"  adding: f.txt (deflated {i + 40}%)" for i in range(9)],
    "zstd's ratio": ["huge.bin : 50.00%   (  91.6 MiB =>   45.8 MiB, out.zst)"] * 3,
    "vmstat": [f" {i}  0   0 123456  {i}000 200000   0   0   0   0  100  200  {i}  1 98  0  0" for i in range(9)],
    "histogram": ["0-10   ████████ 45%", "10-20  ██████ 30%", "20-30  ████ 25%"],
    "rules": ["━━━━━━━━━━ 45% ━━━━━━━━━━", "──────── 50% ────────"],
    "throughput": [f"Throughput: {i}/s" for i in range(20)],
    "wheels in a directory": ["-rw-r--r-- 1 root root 1234 numpy-2.4.6-cp311-cp311-linux_x86_64.whl"],
    "paths that are numbers": [f"copying {i}/10/a.txt" for i in range(1, 9)]
    + [f"reading {i}/10.csv" for i in range(1, 9)],
    "what is left": [f"Context left: {i}%" for i in range(10, 30)],
    "style sheets": [f"width: {i}%" for i in range(10, 30)],
    "weather": [f"Chance of rain: {i}%" for i in range(10, 30)],
    "dd, once": ["1000000 bytes (1.0 MB, 977 KiB) copied, 0.01 s, 100 MB/s"],
}
REDRAWN = {
    "CPU": [f"CPU: {i}%" for i in range(5, 30)],
    "status line": [f"cpu={i}% mem=45%" for i in range(5, 30)],
    "memory": [f"Memory {i}/512 MB used" for i in range(10, 90)],
    "spinner": [f"{glyph} Waiting for lock" for glyph in "⠋⠙⠹⠸⠼⠴" * 3],
    "clock": [f"Elapsed 00:00:{i:02}" for i in range(60)],
}


@pytest.mark.parametrize("name", LOGS)
def test_lines_that_are_no_progress(name: str) -> None:
    assert reports("\r\n".join(LOGS[name]) + "\r\n") == []


@pytest.mark.parametrize("name", REDRAWN)
def test_lines_redrawn_in_place_that_are_no_progress(name: str) -> None:
    assert reports("\r" + "\r".join(REDRAWN[name]) + "\r\n") == []


def test_a_program_that_has_the_whole_screen_has_no_tasks() -> None:
    bars = "".join(f"\x1b[HCopying [{'#' * n:20}] {5 * n}%" for n in range(20))
    assert reports(f"\x1b[?1049h{bars}\x1b[?1049l") == []
    assert reports(bars) != []
