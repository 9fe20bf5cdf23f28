"""What a job says through the SDK arrives as events of its run."""

from __future__ import annotations

from tests.sdk.conftest import Reports
from tests.sdk.support import last_metrics, state_of, tasks


def test_a_loop_reports_how_far_it_is(reports: Reports) -> None:
    run = reports('from progress_run import track\nfor _ in track(range(25), "Resize", unit="image"): pass')
    assert state_of(run, "Resize") == (25, 25, "done")
    assert tasks(run)["Resize"]["unit"] == "image"


def test_a_loop_over_who_knows_how_much_has_no_total(reports: Reports) -> None:
    run = reports('from progress_run import track\nfor _ in track((n for n in range(7)), "Read"): pass')
    assert state_of(run, "Read") == (7, None, "done")


def test_a_task_is_advanced_and_renamed(reports: Reports) -> None:
    run = reports(
        """
from progress_run import task
with task("Build", total=10) as t:
    t.advance()
    t.advance(2)
    t.update(current=8, label="Link", total=12)
"""
    )
    assert state_of(run, "Link") == (8, 12, "done")


def test_what_raises_has_failed_and_raises_still(reports: Reports) -> None:
    run = reports(
        """
from progress_run import step, task, tqdm, track
def items():
    yield 1
    raise OSError("torn")
for attempt in (lambda: list(track(items(), "Source")), lambda: list(tqdm(items(), desc="Bar"))):
    try: attempt()
    except OSError as error: print(error)
with task("Outer"), step("Deploy"):
    raise KeyError("credentials")
""",
        code=1,
    )
    assert {label: task["state"] for label, task in tasks(run).items()} == dict.fromkeys(
        ("Source", "Bar", "Outer"), "failed"
    )
    assert [note["text"] for note in run.of_kind("note")] == ["Deploy: KeyError: 'credentials'"]
    assert [group["open"] for group in run.of_kind("group")] == [True, False]
    assert run.output.startswith(b"torn\ntorn\n")


def test_a_task_within_another_is_its_part(reports: Reports) -> None:
    run = reports(
        """
from progress_run import task, tqdm, track
with task("Release"):
    for _ in track(range(2), "Package"):
        for _ in tqdm(range(3), desc="File"): pass
    side = tqdm(total=1, desc="By hand")
    with task("Upload"): pass
    side.close()
with task("After"): pass
"""
    )
    label_of = {task["id"]: label for label, task in tasks(run).items()}
    parents = {label: label_of.get(task["parent"]) for label, task in tasks(run).items()}
    expected = {"Release": None, "Package": "Release", "File": "Package", "By hand": "Release", "Upload": "Release"}
    assert parents == {**expected, "After": None}


def test_a_loop_in_a_loop_is_one_task_that_restarts(reports: Reports) -> None:
    run = reports(
        """
from progress_run import track
for epoch in track(range(5), "Epoch"):
    for batch in track(range(10 + epoch), "Batch"): pass
"""
    )
    assert len({event["id"] for event in run.of_kind("task")}) == 2
    assert state_of(run, "Batch") == (14, 14, "done")


def test_a_loop_left_by_break_has_ended_and_is_nobodys_parent(reports: Reports) -> None:
    run = reports(
        """
import time
from progress_run import task, track
for n in track(range(100), "Search"):
    if n == 30: break
with task("After"): time.sleep(0.6)
"""
    )
    assert state_of(run, "Search") == (30, 100, "done")
    assert tasks(run)["After"]["parent"] is None


def test_a_loop_that_is_left_again_and_again_is_one_task(reports: Reports) -> None:
    run = reports(
        """
from progress_run import track
for _ in range(2000):
    for n in track(range(100), "Search"): break
"""
    )
    assert len({event["id"] for event in run.of_kind("task")}) == 1
    assert state_of(run, "Search") == (0, 100, "paused"), "who leaves a loop as its last deed may have failed"


def test_metrics_arrive_with_their_steps(reports: Reports) -> None:
    run = reports(
        """
from progress_run import metric
for step in range(1000): metric("loss", 1 / (step + 1), step=step)
metric(acc=0.5, name=1, step=3)
metric("nan", float("nan"))
"""
    )
    assert last_metrics(run) == {"loss": (0.001, 999), "acc": (0.5, 3), "name": (1, 3), "nan": (None, None)}


def test_notes_and_groups_come_in_order_among_the_output(reports: Reports) -> None:
    run = reports(
        """
from progress_run import note, step
with step("Compile"):
    print("compiling", flush=True)
    note("slow disk", level="warning")
note("fine")
"""
    )
    remarks = [event for event in run.events if event["kind"] in ("note", "group")]
    assert [(e["kind"], e.get("level") or e.get("open")) for e in remarks] == [
        ("group", True),
        ("note", "warning"),
        ("group", False),
        ("note", "info"),
    ]


def test_a_hundred_thousand_reports_a_second_end_with_the_right_values(reports: Reports) -> None:
    run = reports(
        """
import time
from progress_run import metric, task, track
started = time.process_time()
with task("By hand", total=500_000) as t:
    for n in track(range(500_000), "Loop"):
        t.advance()
        if n % 10 == 0: metric("n", n, step=n)
print(1_050_000 / (time.process_time() - started))
"""
    )
    assert state_of(run, "By hand") == (500_000, 500_000, "done")
    assert state_of(run, "Loop") == (500_000, 500_000, "done")
    assert last_metrics(run)["n"] == (499_990, 499_990)
    seconds = run.events[-1]["t"]
    assert len(run.of_kind("task")) < 2 * (10 * seconds + 4)
    assert float(run.output) > 100_000
