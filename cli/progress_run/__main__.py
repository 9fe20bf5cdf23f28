"""The entrance: `progress`, `progress-run` and `python -m progress_run`."""

import gc


def main() -> None:
    """Run the command. What is imported on the way stays, so that looking through it for garbage would be in vain."""
    gc.disable()
    from progress_run.main import main as progress

    progress()


if __name__ == "__main__":
    main()
