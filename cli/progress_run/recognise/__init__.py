"""Progress as data from programs nobody changed: see `Recogniser`. ADR 0009 says how and why so."""

from progress_run.recognise.recogniser import Recogniser

__all__ = ["Recogniser"]
