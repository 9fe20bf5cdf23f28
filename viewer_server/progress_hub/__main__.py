"""`python -m progress_hub`."""

from progress_hub.serve import main

main(prog_name="progress hub")
