"""The reading end of a run that is end-to-end encrypted: its offsets are those of what is sealed."""

from __future__ import annotations

import os
from pathlib import Path

from progress_run import run_directory
from progress_run.protocol import Meta
from progress_run.sealed.layout import NOTHING, SEALED, extent
from progress_run.sealed.sealer import Sealer
from progress_run.sealed.sealing import Sealing
from progress_run.source import Piece, Source


class SealedSource(Source):
    """Reads the folder `sealed`. Only who holds the run's sender.lock may use it.

    Raises:
        OSError: it can't be read.
    """

    compressible = False

    def __init__(self, path: Path, key: str) -> None:
        self._run = path
        self._key = key
        self._recorder = run_directory.open_lock(path / run_directory.RECORDER_LOCK)
        self._sealing: Sealing | None = None
        self._whole = NOTHING
        if not (path / SEALED / run_directory.EVENTS).exists():
            self.take_in()
        super().__init__(path / SEALED)

    def close(self) -> None:
        """Close the files."""
        if self._sealing:
            self._sealing.close()
        os.close(self._recorder)
        super().close()

    @property
    def size(self) -> int:
        """Bytes of whole records: one that a crash or a full disk cuts off is made anew, so nobody may have it."""
        self._whole = extent(self._output, self._whole)
        return self._whole.size

    def piece(self, at: int, end: int | None = None) -> Piece | None:
        """The ciphertext from `at` to at most `end`, as far as it is whole records."""
        return super().piece(at, max(at, min(self.size, self.size if end is None else end)))

    def take_in(self) -> bool:
        """Seal what a recorder that was killed has left; as long as there is one, that is its business."""
        if self._sealing is None:
            if run_directory.is_held(self._recorder):
                return True
            try:
                self._sealing = Sealing(self._run, self._key)
            except FileNotFoundError:  # the directory was deleted under the run: what is open is all there is
                return True
        return self._sealing.take_in()

    @property
    def stuck(self) -> bool:
        """There was no room on the disk for what is to be encrypted yet."""
        return self._sealing is not None and self._sealing.stuck

    def shown(self, meta: Meta) -> Meta:
        """What the hub is told of the run."""
        told: Meta = {"started": meta["started"], "sealed": Sealer(self._key).meta(meta)}
        if "private" in meta:
            told["private"] = meta["private"]  # which the hub sees to
        if "control" in meta:
            told["control"] = meta["control"]
        return told
