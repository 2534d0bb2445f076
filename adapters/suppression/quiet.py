"""Keeping the solver's own lines off the standard output.

HiGHS writes some of what it meets with C's `printf`, whatever its options say: `output_flag` and
`log_to_console` do not reach `HighsMipSolverData::transformNewIntegerFeasibleSolution`. So while it
runs, file descriptor 1 leads to a file of ours. What anybody else wrote meanwhile is passed on.
"""

from __future__ import annotations

import ctypes
import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

STANDARD_OUTPUT: Final = 1
OWN_LINES: Final = b"Highs"
"""How every such line begins: with the name of the class that it comes from."""

_c = ctypes.CDLL(None)
_alone = threading.Lock()


@contextmanager
def quiet() -> Iterator[None]:
    """Keep the solver's lines to itself; one at a time, since a process has one such descriptor."""
    with _alone:
        _c.fflush(None)  # what waits in C's buffers is not the solver's
        try:
            ours = os.dup(STANDARD_OUTPUT)
        except OSError:  # closed: nothing can be written to it
            yield
            return
        with tempfile.TemporaryFile() as meanwhile:
            os.dup2(meanwhile.fileno(), STANDARD_OUTPUT)
            try:
                yield
            finally:
                _c.fflush(None)  # before the descriptor is what it was, or it comes out at the end
                os.dup2(ours, STANDARD_OUTPUT)
                os.close(ours)
                meanwhile.seek(0)
                _pass_on(meanwhile.read())


def _pass_on(written: bytes) -> None:
    for line in written.splitlines(keepends=True):
        if not line.startswith(OWN_LINES):
            os.write(STANDARD_OUTPUT, line)
