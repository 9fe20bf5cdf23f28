"""A job that says itself how far it is: tasks in tasks, metrics, a step that folds, a warning.

Usage: progress run examples/reporting.py [SECONDS]
"""

from __future__ import annotations

import math
import sys
import time

from progress_run import metric, note, step, task, track

EPOCHS, BATCHES = 4, 50


def main() -> None:
    """Fetch, train, and say so."""
    pause = (float(sys.argv[1]) if len(sys.argv) > 1 else 20) / (EPOCHS * BATCHES + 40)
    with step("Fetch the data"), task("Download", total=40_000_000, unit="B") as download:
        for part in range(40):
            time.sleep(pause)
            download.advance(1_000_000)
            print(f"part {part + 1:2} of the data is here")
    for epoch in track(range(EPOCHS), "Epochs", unit="epoch"):
        for batch in track(range(BATCHES), "Batches"):
            time.sleep(pause)
            done = epoch * BATCHES + batch
            metric(loss=2.3 * math.exp(-done / 60), step=done)
        metric(accuracy=1 - 0.8 * math.exp(-epoch), step=(epoch + 1) * BATCHES)
        if epoch == EPOCHS // 2:
            note("The learning rate is below 1e-5 and stays there.", level="warning")
    print("trained")


if __name__ == "__main__":
    main()
