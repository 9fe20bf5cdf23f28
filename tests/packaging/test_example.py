"""The example that the README and `make demo` run does what they say."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

TRAIN = Path(__file__).resolve().parents[2] / "examples" / "train.py"


def test_the_example_trains() -> None:
    done = subprocess.run([sys.executable, TRAIN, "--seconds", "0.5"], capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    losses = [float(loss) for loss in re.findall(r"loss=(\d\.\d+) lr=", done.stdout)]
    assert losses[-1] < losses[0] / 3
    assert "⚠ warning: learning rate" in done.stderr
    assert "Train 5:" in done.stderr
    assert "Epochs: 100%" in done.stderr
    assert {"\033[32m", "größte", "熊猫", "🎉"} <= set(re.findall(r"\033\[32m|größte|熊猫|🎉", done.stdout))
