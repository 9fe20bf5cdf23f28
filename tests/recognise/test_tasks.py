"""Which readings are the same task: restarts, renames, bars that move, nested bars, and OSC 9;4."""

from itertools import chain

from tests.recognise.replayed import Report, reports, tasks

from progress_run.recognise import Recogniser

UP = "\x1b[A"


def bar(label: str, current: int, total: int = 10) -> str:
    head = f"{label}: " if label else ""
    return f"\r{head}{100 * current // total:3}%|{'█' * current:10}| {current}/{total} [00:01<00:02, 9.00it/s]"


def seen(found: list[Report]) -> list[tuple[str, object, str]]:
    return [(task["label"], task["current"], task["state"]) for task in found]


def test_bars_one_after_the_other_are_as_many_tasks() -> None:
    one_by_one = "".join(bar("", n) for n in range(11)) + "\r\n"
    found = tasks(one_by_one * 3)
    assert seen(found) == [("Progress", 10, "done")] * 3
    assert len({task["id"] for task in found}) == 3


def test_a_bar_that_starts_again_in_its_place_is_one_task() -> None:
    assert seen(tasks(bar("Batch", 10) + bar("Batch", 0) + bar("Batch", 4))) == [("Batch", 4, "running")]


def test_another_label_in_the_same_place_is_another_task_if_it_starts_again() -> None:
    assert seen(tasks(bar("Train 0", 10) + bar("Train 1", 0) + bar("Train 1", 4))) == [
        ("Train 0", 10, "done"),
        ("Train 1", 4, "running"),
    ]


def test_another_label_is_the_same_task_if_it_goes_on() -> None:
    found = tasks(bar("", 0) + bar("Processing a", 3) + bar("Processing b", 4))
    assert seen(found) == [("Processing b", 4, "running")]


def test_bars_beside_each_other_are_several_tasks_though_they_have_no_label() -> None:
    def frame(n: int) -> str:
        return bar("", n) + "\n" + bar("", n // 2) + UP

    assert seen(tasks("".join(frame(n) for n in range(9)))) == [("Progress", 8, "running"), ("Progress", 4, "running")]


def test_a_bar_moves_down_when_something_is_logged_above_it() -> None:
    logged = "".join(bar("Crawl", n) + "\r" + " " * 60 + f"\rpage {n}: 3/4 images\r\n" for n in range(10))
    assert seen(tasks(logged + bar("Crawl", 10))) == [("Crawl", 10, "done")]


def test_a_bar_that_is_printed_anew_in_each_line_is_one_task() -> None:
    assert seen(tasks("".join(bar("Crawl", n).strip() + "\r\n" for n in range(10)))) == [("Crawl", 9, "running")]


def test_a_bar_that_was_drawn_over_keeps_its_last_values() -> None:
    assert seen(tasks(bar("Crawl", 6) + "\r\x1b[2Kno more\r\n")) == [("Crawl", 6, "running")]


def test_an_inner_bar_belongs_to_the_outer_one_from_its_second_turn() -> None:
    turns = [bar("Outer", turn) + "\n" + "".join(bar("Inner", n) for n in range(11)) + UP for turn in range(3)]
    outer, inner = tasks("".join(turns) + bar("Outer", 3))
    assert (inner["parent"], inner["current"]) == (outer["id"], 10)
    assert outer["parent"] is None


def test_bars_that_are_beside_each_other_all_the_time_have_no_parent() -> None:
    frames = [bar("A", n) + "\n" + bar("B", n) + UP for n in range(10)]
    assert [task["parent"] for task in tasks("".join(frames))] == [None, None]


def test_an_inner_bar_that_is_taken_away_is_done_once_the_outer_one_goes_on() -> None:
    inner = bar("Inner", 0) + bar("Inner", 7) + "\r" + " " * 70
    found = tasks(bar("Outer", 0) + "\n" + inner + UP + bar("Outer", 1))
    assert seen(found) == [("Outer", 1, "running"), ("Inner", 7, "done")]


def test_the_batches_of_an_epoch_belong_to_it_and_begin_again_with_the_next() -> None:
    batches = "".join(f"\r{n}/9 [{'=' * n}{'.' * (9 - n)}] - ETA: 1s" for n in range(1, 10))
    epoch, inner = tasks("".join(f"Epoch {n}/3\r\n{batches}\r\n" for n in (1, 2)))
    assert (epoch["current"], epoch["state"]) == (2, "running")
    assert (inner["parent"], inner["current"], inner["total"]) == (epoch["id"], 9, 9)


def test_osc_tells_of_a_task_of_its_own() -> None:
    said = reports(
        "\x1b]9;4;1;20\x07part\r\n\x1b]9;4;1;100\x07\x1b]9;4;3\x07link\r\n\x1b]9;4;2;80\x1b\\\x1b]9;4;0\x07", 8
    )
    assert {report["source"] for report in said} == {"osc"}
    assert [(report["percent"], report["state"]) for report in said] == [
        (20, "running"),
        (100, "done"),
        (None, "indeterminate"),
        (80, "failed"),
    ]


def test_an_osc_bar_that_is_removed_short_of_its_end_waits_for_the_run() -> None:
    assert [task["state"] for task in tasks("\x1b]9;4;1;20\x07\x1b]9;4;0\x07")] == ["paused"]


def test_osc_and_a_bar_that_say_the_same_are_one_task() -> None:
    def both(n: int) -> tuple[str, str]:
        return f"\x1b]9;4;1;{10 * n}\x07", bar("Build", n)

    osc_first = "".join(chain.from_iterable(both(n) for n in range(8)))
    bar_first = "".join(chain.from_iterable(reversed(both(n)) for n in range(8)))
    assert seen(tasks(osc_first)) == seen(tasks(bar_first)) == [("Build", 7, "running")]


def test_osc_and_a_bar_that_differ_are_two_tasks() -> None:
    assert seen(tasks(bar("Part", 3) + "\x1b]9;4;1;80\x07")) == [("Part", 3, "running"), ("Progress", None, "running")]


def test_a_bar_still_being_written_is_not_believed_before_it_stands_still() -> None:
    recogniser = Recogniser(100, 30)
    recogniser.feed(b"\r 10%|# | 10/10")
    assert recogniser.reports() == []
    recogniser.feed(b"0 [00:01<00:09, 9.00it/s]")
    assert recogniser.reports() == []
    assert [(report["current"], report["total"]) for report in recogniser.reports()] == [(10, 100)]


def test_reports_tell_what_has_changed_since_the_last_and_where() -> None:
    recogniser = Recogniser(100, 30, at=1000)
    for n in range(4):
        recogniser.feed(bar("Crawl", n).encode())
    recogniser.feed(b"\r\n")
    (report,) = recogniser.reports()
    assert (report["id"], report["current"], report["source"]) == ("text:Crawl", 3, "text")
    assert report["at"] == 1000 + sum(len(bar("Crawl", n).encode()) for n in range(4)) + 2
    assert recogniser.reports() == []


def test_output_that_is_passed_over_makes_no_new_tasks() -> None:
    recogniser = Recogniser(100, 30)
    recogniser.feed((bar("", 10) + "\r\n" + bar("", 3) + "\r\n").encode())
    before = recogniser.reports()
    recogniser.skip_to(1_000_000)
    recogniser.feed((bar("", 7) + "\r\n" + bar("", 0)).encode())
    recogniser.end()
    assert [report["id"] for report in before] == ["text:Progress", "text:Progress#2"]
    assert [(report["id"], report["current"]) for report in recogniser.reports()] == [
        ("text:Progress#2", 7),
        ("text:Progress#3", 0),
    ]


def test_another_recogniser_goes_on_with_the_same_tasks() -> None:
    first = bar("", 10) + "\r\n" + bar("", 3) + "\r\n[1/9] a\r\n[2/9] b\r\n[3/9] c\r\n"
    known = tasks(first)
    recogniser = Recogniser(100, 30, at=len(first), known=[{**report, "at": 1} for report in known])
    recogniser.feed((bar("", 7) + "\r\n[4/9] d\r\n" + bar("", 0) + bar("", 2)).encode())
    recogniser.end()
    assert [(report["id"], report["current"], report["total"]) for report in recogniser.reports()] == [
        ("text:Progress#2", 7, 10),
        ("text:Steps", 4, 9),
        ("text:Progress#3", 2, 10),
    ]


def test_pip_takes_a_while_over_each_wheel_it_has() -> None:
    wheels = "Processing ./scipy-1.17.1-cp311-cp311-manylinux_2_27_x86_64.whl\r\n"
    assert [task["state"] for task in tasks(wheels)] == ["indeterminate"]
    (task,) = tasks(wheels + "Installing collected packages: scipy\r\n")
    assert (task["label"][:12], task["percent"], task["state"]) == ("scipy-1.17.1", 100, "done")
