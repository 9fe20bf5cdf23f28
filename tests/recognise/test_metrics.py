"""Named numbers in lines, and lines that only look as if they had some."""

import pytest
from tests.recognise.replayed import reports

from progress_run.recognise.metrics import read


@pytest.mark.parametrize(
    ("line", "metrics"),
    [
        ("loss: 0.3123", [("loss", 0.3123, None)]),
        ("epoch 3: loss=0.250 acc=0.80", [("loss", 0.25, 3), ("acc", 0.8, 3)]),
        ("Epoch 1/5 done: val_loss=1.9000 lr=1.0e-03", [("val_loss", 1.9, 1), ("lr", 0.001, 1)]),
        ("[12]\ttrain-rmse:0.12\teval-rmse:0.15", [("train-rmse", 0.12, 12), ("eval-rmse", 0.15, 12)]),
        ("[10]\ttraining's auc: 0.9\tvalid's l2: 0.3", [("training auc", 0.9, 10), ("valid l2", 0.3, 10)]),
        ("Iteration 3, loss = 0.69314718", [("loss", 0.69314718, 3)]),
        ("45/100 [===>...] - ETA: 1s - loss: 0.3 - accuracy: 0.9", [("loss", 0.3, None), ("accuracy", 0.9, None)]),
        ("{'loss': 0.31, 'learning_rate': 5e-05, 'epoch': 0.5}", [("loss", 0.31, 0.5), ("learning_rate", 5e-05, 0.5)]),
        ("Train: 45%|██| 9/20 [00:01<00:02, 9it/s, loss=0.0526]", [("loss", 0.0526, None)]),
        ("step 40: train/loss=-0.31 eval/reward=12.5", [("train/loss", -0.31, 40), ("eval/reward", 12.5, 40)]),
        ("Epoch [3/10], Step [100/600], Loss: 0.3", [("Loss", 0.3, 3)]),
        ("done loss: 0.31, test accuracy: 0.93", [("loss", 0.31, None), ("test accuracy", 0.93, None)]),
    ],
)  # fmt: skip
def test_a_line_with_metrics(line: str, metrics: list[tuple[str, float, float | None]]) -> None:
    assert [tuple(metric) for metric in read(line)] == metrics


@pytest.mark.parametrize(
    "line",
    [
        "error: 404",
        "packet loss: 0.5%",
        "lr: 0x40001234",
        "accuracy is 0.9",
        "loss of 3.5 million",
        "map: 1.2.3.4",
        "cache-error=0.5.1",
        "floss=0.31",
        "2026-11-22 10:00:00.123 INFO took=3.4 ms",
        "loss: nan",
        "loss: 1e+999",
        "score: 10/12",
    ],
)
def test_a_line_without_any(line: str) -> None:
    assert read(line) == []


def test_each_finished_line_is_a_point_and_a_bar_has_its_latest() -> None:
    lines = "".join(f"epoch {n}: loss=0.{n}\r\n" for n in range(1, 4))
    bars = "".join(f"\rTrain: {n}0%|██| {n}/10 [00:01<00:02, 9it/s, acc=0.{n}]" for n in range(1, 10))
    said = [report for report in reports(lines + bars) if report["kind"] == "metric"]
    assert [(report["name"], report["value"], report["step"]) for report in [*said[:3], said[-1]]] == [
        ("loss", 0.1, 1),
        ("loss", 0.2, 2),
        ("loss", 0.3, 3),
        ("acc", 0.9, None),
    ]
    assert said[0]["at"] == len("epoch 1: loss=0.1\r\n")
