"""Each entry of the table of forms, by a line of the program it is for."""

from typing import Any

import pytest
from tests.recognise.replayed import tasks

from progress_run.recognise.forms import FORMS, LOOSE
from progress_run.recognise.reader import Reader
from progress_run.recognise.reading import Reading

SURE = [
    ("Train:  45%|████▌     | 45/100 [00:01<00:02, 30.0it/s, loss=0.3]", ("tqdm", "Train", 45, 100, "it")),
    (" 45%|####5     | 9/20 [00:01<00:02,  3.1s/it]", ("tqdm", "Progress", 9, 20, "it")),
    ("weights: 45%|███  | 240M/534M [00:03<00:04, 80.1MB/s]", ("tqdm", "weights", 240e6, 534e6, "B")),
    ("Ticks  45%|████▌     | 45/100 [00:02<00:02, 20.00 ticks/s]", ("tqdm", "Ticks", 45, 100, "ticks")),
    ("Reading: 1234it [00:03, 400.1it/s]", ("tqdm", "Reading", 1234, None, "it")),
    ("remote: Counting objects:  18% (6/32)", ("git", "Counting objects", 6, 32, None)),
    ("Sorting |████▌     | ▂▄▆ 45/100 [45%] in 2s (~2s, 20.0/s)", ("alive", "Sorting", 45, 100, None)),
    ("Sorting |████▌     | ▂▄▆ 45 in 2s (20.0/s)", ("alive", "Sorting", 45, None, None)),
    ("Load:  45% (45 of 100) |####     | Elapsed Time: 0:00:01", ("progressbar2", "Load", 45, 100, None)),
    ("Load / |  #       | 45 Elapsed Time: 0:00:01", ("progressbar2", "Load", 45, None, None)),
    ("45/100 [=====>......] - ETA: 1s - loss: 0.3", ("keras", "Batches", 45, 100, None)),
    ("45/100 ━━━━━━━━━━━━━━━━━━━━ 1s 12ms/step - loss: 0.3", ("keras", "Batches", 45, 100, None)),
    ("[####      ] | 40% Completed |  1.2s", ("dask", "Compute", None, None, None)),
    ("[Parallel(n_jobs=4)]: Done  10 out of 100 | elapsed:    0.1s", ("joblib", "Parallel", 10, 100, None)),
    ("[Parallel(n_jobs=-1)]: Done  10 tasks      | elapsed:    0.1s", ("joblib", "Parallel", 10, None, None)),
    ("     ━━━━━━━━━╸━━━━━━━━━━ 5.0/12.4 MB 69.3 MB/s eta 0:00:01", ("pip", "Download", 5e6, 12.4e6, "B")),
    ("big.bin   25%[===>      ]   7.35M  12.0MB/s", ("wget", "big.bin", 7.35 * 2**20, None, "B")),
    (" 1500K .......... .......... ..........  45% 12.0M 0s", ("wget", "Download", 1500 * 1024, None, "B")),
    (
        " 45 28.6M   45 12.9M    0     0  12.0M      0  0:00:02  0:00:01  0:00:01 12.0M",
        ("curl", "curl", 12.9 * 2**20, 28.6 * 2**20, "B"),
    ),
    ("      1,500,000  16%    6.16MB/s    0:00:00 (xfr#5, to-chk=25/31)", ("rsync", "rsync", 1.5e6, None, "B")),
    ("disk: 1.50GiB 0:00:10 [ 123MiB/s] [===>   ] 45% ETA 0:00:12", ("pv", "disk", 1.5 * 2**30, None, "B")),
    ("Read:  4.50 MiB /  91.6 MiB ==> 53%", ("zstd", "zstd", 4.5 * 2**20, 91.6 * 2**20, "B")),
    ("[ 46%] Building C object a.dir/f1.c.o", ("make", "Build", None, None, None)),
    ("[41/120] Building CXX object a.cc.o", ("ninja", "Build", 41, 120, None)),
    ("    Building [=====>       ] 45/100: serde", ("cargo", "Build", 45, 100, None)),
    ("t/test_a.py::test_x[0] PASSED          [ 45%]", ("pytest", "Tests", None, None, None)),
    ("t/test_a.py .....F..s          [ 45%]", ("pytest", "Tests", None, None, None)),
    ("......F..s          [ 45%]", ("pytest", "Tests", None, None, None)),
    ("[gw0] [ 45%] PASSED t/test_a.py::test_x", ("pytest", "Tests", None, None, None)),
    ("t/test_a.py::test_x PASSED     [ 45/100]", ("pytest", "Tests", 45, 100, None)),
    (" t/test_1.py ✓✓✓✓✓         45% ████▌     ", ("pytest", "Tests", None, None, None)),
    ("reading sources... [ 12%] api/index", ("sphinx", "reading sources", None, None, None)),
    ("3 of 10 steps (30%) done", ("snakemake", "Workflow", 3, 10, None)),
    ("Progress: [ 45%] [########..........] ", ("apt", "Progress", None, None, None)),
    ("45% [3 libc6 1,234 kB/2,345 kB 52%]", ("apt", "Download", None, None, None)),
    ("[#968c86 3.0MiB/11MiB(26%) CN:1 DL:1.5MiB ETA:5s]", ("aria2", "Download", 3 * 2**20, 11 * 2**20, "B")),
    ("a2abf6c4d29d: Downloading [==>     ]  2.09MB/31.4MB", ("docker", "a2abf6c4d29d", 2.09e6, 31.4e6, "B")),
    ("[download]  45.3% of   12.34MiB at    1.23MiB/s ETA 00:05", ("yt-dlp", "Download", None, None, None)),
    ("[######............] / reify:fsevents: sill", ("npm", "npm", None, None, None)),
    ("Step 3/10 : RUN make", ("docker", "Image", 3, 10, None)),
    ("#5 [builder 2/7] RUN make", ("buildkit", "Image", 2, 7, None)),
    ("[+] Building 1.2s (3/10)", ("buildkit", "Image", 3, 10, None)),
    ("big.bin          45%   12MB   3.4MB/s   00:03 ETA", ("scp", "big.bin", None, None, None)),
    (
        "Completed 45.0 MiB/100.0 MiB (3.4 MiB/s) with 1 file(s) remaining",
        ("aws", "Transfer", 45 * 2**20, 100 * 2**20, "B"),
    ),
    ("  45.3 %   12.3 MiB / 45.6 MiB = 0.270   3.4 MiB/s   0:03", ("xz", "xz", None, None, None)),
    ("[Stage 3:==========>              (45 + 4) / 100]", ("spark", "Stage 3", 45, 100, None)),
    (".......F....... 45 / 100 ( 45%)", ("phpunit", "Tests", 45, 100, None)),
    ("Train Epoch: 1 [4500/10000 (45%)]\tLoss: 0.312345", ("batches", "Train Epoch: 1", 4500, 10000, None)),
    ("Epoch: [0]  [ 45/100]  eta: 0:00:10  loss: 0.3 (0.3)", ("batches", "Epoch: [0]", 45, 100, None)),
    ("epoch 001:  45 / 100 loss=0.3, ppl=12.3", ("batches", "epoch 001", 45, 100, None)),
    ("[ 3 of 20] Compiling Data.Foo ( src/Data/Foo.hs, Foo.o )", ("ninja", "Build", 3, 20, None)),
    ("[INFO] Building core 1.0-SNAPSHOT                    [3/12]", ("maven", "Build", 3, 12, None)),
    ("  Running:  login.cy.js                          (3 of 12)", ("cypress", "Tests", 3, 12, None)),
    ("        PASS [   0.012s] ( 3/20) my-crate tests::adds", ("nextest", "Tests", 3, 20, None)),
    (" 3/20 core:unit / parser            OK              0.01s", ("meson", "Tests", 3, 20, None)),
    ("    (45.12/100%)", ("qemu-img", "qemu-img", None, None, None)),
    ("Epoch 3/10", ("epoch", "Epoch", 3, 10, None)),
    ("Epoch [3/10], Step [100/600], Loss: 0.3", ("epoch", "Epoch", 3, 10, None)),
    ("Fetching ━━━━━━━━━━━━━━ 45% 0:00:03", ("bar", "Fetching", None, None, None)),
    ("⠼ Fetching ━━━━━╺━━━━━━ 45% 0:00:03 45/100", ("bar", "Fetching", 45, 100, None)),
]

GROWING = [
    ("Importing  [####----]   {}%", ("bar", "Importing", None, None)),
    ("Importing  [####----]  {}/100  00:00:03", ("bar", "Importing", "n", 100)),
    ("Importing |####    | {}/100", ("bar", "Importing", "n", 100)),
    ("babel  ------------------------------ {}.0 KiB/100.0 KiB", ("bar", "babel", "n", 100)),
    ("Charging █████∙∙∙∙ {}%", ("bar", "Charging", None, None)),
    ("<====-----> {}% EXECUTING [3s]", ("bar", "Progress", None, None)),
    ("##########     {}.0%", ("curl", "curl", None, None)),
    ("{}000000 bytes (1 GB, 1 GiB) copied, 1 s, 1 GB/s", ("dd", "dd", "n", None)),
    ("{}% 12 + some/file.txt", ("7z", "7z", None, None)),
    ("Reading package lists... {}%", ("apt", "Reading package lists", None, None)),
    ("step {} of 100", ("counted", "step", "n", 100)),
    ("2026-11-22 10:00:00,000 INFO trainer: iteration {}/100 loss 0.3", ("counted", "iteration", "n", 100)),
    ("{}/100 files copied", ("counted", "files copied", "n", 100)),
    ("Transferred:   1.2 GiB / 3.4 GiB, {}%, 12 MiB/s, ETA 3s", ("percent", "Transferred", None, None)),
    (
        "  - Installing numpy (1.26.4): Downloading... {}%",
        ("percent", "Installing numpy (1.26.4): Downloading", None, None),
    ),
    ("[{}/100] checking foo", ("head", "Steps", "n", 100)),
    ("({}/100): glibc-2.38.rpm       1.2 MB/s | 2.0 MB     00:01", ("head", "Steps", "n", 100)),
    ("{}00 of 10000 tuples (1%) done", ("counted", "tuples", None, None)),
    ("[ {}%] whatever", ("head", "Steps", None, None)),
    ("Preparing packages... ({}/100)", ("tail", "Preparing packages...", "n", 100)),
    ("Backup: {}%", ("percent", "Backup", None, None)),
    ("{} % complete", ("percent", "Progress", None, None)),
    ("Backup is {}% complete, please wait", ("percent", "Backup is", None, None)),
    ("Resizing: {}% done ({} of 100), 00:01 left", ("percent", "Resizing", "n", 100)),
]

REDRAWN = [
    ("Writing inode tables: {}/100", ("count", "Writing inode tables", "n", 100)),
    ("Progress (1): {}/100 kB", ("count", "Progress (1)", "n", 100)),
    ("{}.0% Extracting: home/a", ("percent", "Progress", None, None)),
    ("{}% building modules", ("percent", "Progress", None, None)),
]


def reading(line: str) -> Reading:
    found = Reader().read(line, None)
    assert found is not None
    return found[1]


@pytest.mark.parametrize(("line", "expected"), SURE)
def test_one_line_is_enough(line: str, expected: tuple[Any, ...]) -> None:
    found = reading(line)
    assert (found.form, found.label, found.current, found.total, found.unit) == pytest.approx(expected)
    assert not found.evidence
    assert len(tasks(line + "\r\n")) == 1


@pytest.mark.parametrize(("line", "expected"), GROWING)
def test_what_could_be_something_else_has_to_grow(line: str, expected: tuple[Any, ...]) -> None:
    lines = [line.replace("{}", str(n)) for n in range(10, 20)]
    form, label, current, total = expected
    assert tasks(lines[0] + "\r\n") == []
    assert tasks("\r\n".join([lines[0]] * 10) + "\r\n") == []

    by_line, in_place = tasks("\r\n".join(lines) + "\r\n"), tasks("\r" + "\r".join(lines[:2]) + "\r\n")

    assert [task["label"] for task in by_line] == [task["label"] for task in in_place] == [label]
    assert reading(lines[-1]).form == form
    assert current is None or str(by_line[0]["current"]).startswith("19")
    assert total is None or by_line[0]["total"] in (100, 100 * 1024)


@pytest.mark.parametrize(("line", "expected"), REDRAWN)
def test_what_could_well_be_something_else_has_to_be_redrawn(line: str, expected: tuple[Any, ...]) -> None:
    lines = [line.replace("{}", str(n)) for n in range(10, 20)]
    assert tasks("\r\n".join(lines) + "\r\n") == []
    (task,) = tasks("\r" + "\r".join(lines[:2]) + "\r\n")
    assert (reading(lines[1]).form, task["label"]) == expected[:2]
    assert task["current"] in (11, None)


def test_every_form_of_the_table_has_a_line_here() -> None:
    lines = [line for line, _ in SURE] + [line.replace("{}", "12") for line, _ in GROWING + REDRAWN]
    used = {found[0] for line in lines if (found := Reader().read(line, None))}
    assert [(form.name, form.hints) for form in FORMS + LOOSE if form not in used] == []


@pytest.mark.parametrize(
    ("line", "percent", "state"),
    [
        ("Map: 100%|██████| 20000/20000 [00:01<00:00, 9.9 examples/s]", 100, "done"),
        ("Map: 100%|██████| 19999/20000 [00:01<00:00, 9.9 examples/s]", 99.99, "running"),
        ("Copy ━━━━━━━━━━━━ 100% 0:00:00 504/300", 100, "done"),
        ("Epoch 5/5 - step 20/100 - loss: 0.3", 100, "running"),
        ("Epoch 5/5", 100, "running"),
        ("Epoch 5/5 done: val_loss=0.3", 100, "done"),
        ("reading sources... [100%] zebra", 100, "done"),
        ("Copy ━━━━━━━━━━━━ 80.1% 0:00:01", 80.1, "running"),
        ("Sampling ━━━━━━━━━━━━ 80% 0:00:07 / 0:00:09", 80, "running"),
        ("99it [00:03, 40.1it/s]", None, "indeterminate"),
    ],
)
def test_how_far_it_is(line: str, percent: float | None, state: str) -> None:
    found = reading(line)
    assert found.percent == pytest.approx(percent, abs=0.01)
    assert found.state == state
