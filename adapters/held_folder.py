"""A folder that one writer at a time holds, of whatever process; reading it needs no hold.

A lock of the operating system on the folder itself: it goes with its process, however that ends.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def alone(folder: Path) -> Iterator[int]:
    """Hold a folder against other writers, and wait for who has it; gives its handle."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield handle
    finally:
        os.close(handle)
