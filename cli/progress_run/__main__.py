"""`python -m progress_run`, the same as `progress`."""

from progress_run.main import main

main()
