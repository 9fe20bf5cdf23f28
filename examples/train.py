"""A believable training job to watch: nested bars, a falling loss, a warning, colours and Unicode. It trains nothing.

Usage: progress run examples/train.py [--seconds 30] [--epochs 5]
"""

from __future__ import annotations

import argparse
import math
import random
import sys
import time

from tqdm import tqdm

BATCHES = 100
BOLD, DIM, GREEN, CYAN, RESET = "\033[1m", "\033[2m", "\033[32m", "\033[36m", "\033[0m"
CLASSES = ("Bär 🐻", "Füchsin 🦊", "熊猫 🐼", "きつね 🦊", "Eichhörnchen 🐿️")


def main() -> None:
    """Train for as long as asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=30, help="how long it takes (default 30)")
    parser.add_argument("--epochs", type=int, default=5, help="in how many epochs (default 5)")
    options = parser.parse_args()
    rng = random.Random(7)  # the same run every time

    print(f"{BOLD}Training{RESET} a classifier of {len(CLASSES)} animals: {CYAN}{', '.join(CLASSES)}{RESET}")
    started = time.monotonic()
    accuracy = 0.0
    for epoch in tqdm(range(1, options.epochs + 1), desc="Epochs", unit="epoch"):
        loss, accuracy = train_epoch(epoch, options.epochs, options.seconds / options.epochs, rng)
        tqdm.write(f"epoch {epoch}: {DIM}loss{RESET}={loss:.3f} {DIM}acc{RESET}={GREEN}{accuracy:.2f}{RESET}")
        if epoch == (options.epochs + 1) // 2:
            warn("learning rate below 1e-5, keeping it there")
    for name in CLASSES:
        print(f"  {GREEN}✓{RESET} {name:<16} {min(0.99, accuracy + rng.uniform(-0.03, 0.03)):6.1%}")
    seconds = time.monotonic() - started
    print(f"{BOLD}Fertig 🎉{RESET} accuracy {accuracy:.2f} after {seconds:.1f} s; größte Klasse: {CLASSES[0]}")


def train_epoch(epoch: int, epochs: int, seconds: float, rng: random.Random) -> tuple[float, float]:
    """One epoch of about `seconds`; its last loss and its accuracy."""
    loss = 0.0
    with tqdm(range(BATCHES), desc=f"Train {epoch}", unit="it", leave=False) as batches:
        for batch in batches:
            time.sleep(seconds / BATCHES * rng.uniform(0.6, 1.4))
            done = (epoch - 1 + batch / BATCHES) / epochs
            loss = 2.3 * math.exp(-3 * done) * rng.uniform(0.93, 1.07) + 0.05
            batches.set_postfix(loss=f"{loss:.3f}", refresh=False)
            if batch % 20 == 19:
                tqdm.write(f"{DIM}{epoch}.{batch + 1:03}{RESET} loss={loss:.3f} lr={1e-4 * (1 - done):.1e}")
    return loss, 1 - 0.9 * math.exp(-3 * epoch / epochs)


def warn(text: str) -> None:
    """A warning on stderr, in yellow, above the bars."""
    tqdm.write(f"\033[33m⚠ warning: {text}{RESET}", file=sys.stderr)


if __name__ == "__main__":
    main()
