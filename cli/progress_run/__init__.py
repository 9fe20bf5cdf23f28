"""Run a job exactly as before, and let anyone with the link watch it live."""

__version__ = "0.1.0"
