"""How sealed output is laid out: what can be known of it without the key, and without a library for encryption.

Sealed output is records, one behind the other. All numbers are unsigned and big-endian:

    header    4 bytes: how many bytes of output, 1 to RECORD_BYTES; 2 bytes: how many marks; 12 bytes: the nonce
    payload   AES-256-GCM of the marks, then the output
    tag       16 bytes

A mark is 4 bytes: where in the record's output; 8 bytes: `t` as an IEEE 754 double; 1 byte: the descriptor. The first
mark of a record is at its first byte. The associated data are 8 bytes: the record's number, from 0; 8 bytes: its offset
in the job's output; and the first 6 bytes of its header.
"""

from __future__ import annotations

import os
from pathlib import Path
from struct import Struct
from typing import NamedTuple

from progress_run import run_directory
from progress_run.protocol import RECORD_BYTES

KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16

SIZES = Struct(">IH")
PLACE = Struct(">QQ")
MARK = Struct(">IdB")
HEADER_BYTES = SIZES.size + NONCE_BYTES

SEALED = "sealed"
"""The folder of a run's directory with what its hub gets: files of the same names."""


class Extent(NamedTuple):
    """What whole records come to: how many they are, the bytes of output in them, and their own bytes."""

    records: int = 0
    output: int = 0
    size: int = 0


NOTHING = Extent()


def create(run: Path) -> None:
    """Make its files, empty; later there may be no room for others, or the directory may be gone.

    Raises:
        OSError: that is so already.
    """
    (run / SEALED).mkdir(mode=0o700)
    for name in (run_directory.OUTPUT, run_directory.TIMING, run_directory.EVENTS):
        os.close(os.open(run / SEALED / name, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600))


def extent(sealed: int, known: Extent = NOTHING) -> Extent:
    """How far the open file of sealed output goes beyond what is known, without a last record that was cut off."""
    end, found = os.fstat(sealed).st_size, known
    while len(sizes := os.pread(sealed, SIZES.size, found.size)) == SIZES.size:
        output, marks = SIZES.unpack(sizes)
        size = found.size + HEADER_BYTES + marks * MARK.size + output + TAG_BYTES
        if not 0 < output <= RECORD_BYTES or size > end:
            break
        found = Extent(found.records + 1, found.output + output, size)
    return found


def size_if_whole(run: Path) -> int | None:
    """The size of a run's sealed output, None while not all of the output is in it."""
    try:
        fd = os.open(run / SEALED / run_directory.OUTPUT, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        found = extent(fd)
    finally:
        os.close(fd)
    return found.size if found.output == (run / run_directory.OUTPUT).stat().st_size else None
