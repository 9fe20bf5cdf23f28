"""Threads, forks, children and sudden ends: each process reports its own, and nothing is lost or said twice."""

from __future__ import annotations

import pytest
from tests.sdk.conftest import Reports
from tests.sdk.support import last_metrics, state_of, tasks


def test_threads_count_together(reports: Reports) -> None:
    run = reports(
        """
import threading
from progress_run import task, track
def work(n):
    for _ in track(range(50), f"Worker {n}"): t.advance()
with task("All", total=400) as t:
    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
"""
    )
    assert state_of(run, "All") == (400, 400, "done")
    assert all(state_of(run, f"Worker {n}") == (50, 50, "done") for n in range(8))


def test_a_forked_child_reports_its_own_and_leaves_its_parents_alone(reports: Reports) -> None:
    run = reports(
        """
import os
from progress_run import metric, task, tqdm
with task("Parent", total=3) as t, tqdm(total=2, desc="Bar") as bar:
    t.advance()
    child = os.fork()
    if child == 0:
        t.advance(100)
        bar.update(100)
        with task("Child", total=5) as own: own.advance(5)
        bar.close()
        raise SystemExit
    os.waitpid(child, 0)
    t.advance(2)
    bar.update(2)
    metric("after", 1)
"""
    )
    assert state_of(run, "Parent") == (3, 3, "done")
    assert state_of(run, "Bar") == (2, 2, "done")
    assert state_of(run, "Child") == (5, 5, "done")
    assert tasks(run)["Child"]["parent"] in (tasks(run)["Parent"]["id"], tasks(run)["Bar"]["id"])
    assert last_metrics(run) == {"after": (1, None)}


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_children_of_multiprocessing_say_the_last_of_everything(reports: Reports, method: str) -> None:
    run = reports(
        f"""
import multiprocessing
from progress_run import metric, track
def work(n):
    for step in track(range(20), f"Part {{n}}"): metric(f"loss {{n}}", step, step=step)
if __name__ == "__main__":
    context = multiprocessing.get_context({method!r})
    children = [context.Process(target=work, args=(n,)) for n in range(3)]
    for child in children: child.start()
    for child in children: child.join()
"""
    )
    assert {label: task["state"] for label, task in tasks(run).items()} == {f"Part {n}": "done" for n in range(3)}
    assert last_metrics(run) == {f"loss {n}": (19, 19) for n in range(3)}


def test_a_pool_may_be_given_the_lock_as_programs_that_use_tqdm_do(reports: Reports) -> None:
    run = reports(
        """
import concurrent.futures, threading
from progress_run import tqdm
tqdm.set_lock(threading.RLock())
def work(n):
    for _ in tqdm(range(3), desc=f"Part {n}", position=n):
        with tqdm.get_lock(): pass
with concurrent.futures.ThreadPoolExecutor(2, initializer=tqdm.set_lock, initargs=(tqdm.get_lock(),)) as pool:
    list(pool.map(work, range(2)))
"""
    )
    assert {state_of(run, f"Part {n}") for n in range(2)} == {(3, 3, "done")}


def test_subprocesses_report_too(reports: Reports) -> None:
    run = reports(
        """
import subprocess, sys
program = "from progress_run import track\\nfor _ in track(range(3), 'Inner'): pass"
subprocess.run([sys.executable, "-c", program], check=True)
"""
    )
    assert state_of(run, "Inner") == (3, 3, "done")


def test_what_had_ended_was_said_before_a_sudden_death(reports: Reports) -> None:
    run = reports(
        """
import os
from progress_run import note, step, task
with task("Finished", total=1) as t: t.advance()
with step("Last"): note("so far")
os._exit(0)
"""
    )
    assert state_of(run, "Finished") == (1, 1, "done")
    assert [note["text"] for note in run.of_kind("note")] == ["so far"]


def test_a_program_that_dies_by_an_exception_tells_how_far_it_was(reports: Reports) -> None:
    run = reports("from progress_run import track\nfor n in track(range(10), 'Load'): 1 / (4 - n)", code=1)
    assert state_of(run, "Load") == (4, 10, "failed")


def test_many_tasks_at_once_all_arrive_through_a_short_queue(reports: Reports) -> None:
    run = reports(
        """
from progress_run import task
many = [task(f"Task {n}", total=2) for n in range(300)]
for each in many: each.advance(2)
for each in many:
    with each: pass
"""
    )
    assert {task["state"] for task in tasks(run).values()} == {"done"}
    assert len(tasks(run)) == 300
    assert {task["current"] for task in tasks(run).values()} == {2}


def test_a_signals_handler_may_report_while_the_job_does(reports: Reports) -> None:
    """It interrupts a report anywhere, in the same thread."""
    program = """
import signal
from progress_run import note, task
def handler(*_):
    note("from the handler")
    if going:
        signal.setitimer(signal.ITIMER_REAL, 0.0003)
going = True
signal.signal(signal.SIGALRM, handler)
handler()
for n in range(3000):
    note("from the job")
    with task("Work"): pass
going = False
signal.setitimer(signal.ITIMER_REAL, 0)
note("the last")
"""
    run = reports(program)
    assert run.of_kind("note")[-1]["text"].startswith(("the last", "Not taken"))
