"""A small disk of a test's own, which is full (ENOSPC) when the test says so.

It is one in memory (tmpfs), mounted in the way of whoever writes there, and full once it is made as
small as what is on it. To mount takes a right that not every machine gives its tests: where it is
refused, what needs a small disk is left out, and said to be.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOM_BYTES = 16 << 30
"""More than half an hour of load writes; no memory is set aside for it."""
TRIES = 100
GUARD = 'read -r _; umount -l "$1"; rmdir "$1"'
"""Waits for the end of its input, which is the end of the process that holds the other side."""


@dataclass(frozen=True)
class SmallDisk:
    """A disk that is mounted on a folder."""

    folder: Path

    def fill(self) -> None:
        """Leave no room on it, whatever is being written just now."""
        for _ in range(TRIES):
            now = os.statvfs(self.folder)
            if self._resized((now.f_blocks - now.f_bfree) * now.f_frsize):
                break
        now = os.statvfs(self.folder)
        assert now.f_bfree == 0

    def free(self) -> None:
        """Give it room again."""
        assert self._resized(ROOM_BYTES)

    def _resized(self, size: int) -> bool:
        """Make it so large; says whether what is on it goes into that."""
        command = [_program("mount"), "-o", f"remount,size={size}", str(self.folder)]
        return subprocess.run(command, check=False, capture_output=True).returncode == 0


@contextmanager
def small_disk() -> Iterator[SmallDisk]:
    """Mount a disk; it is gone when this process is, however that ends."""
    folder = Path(tempfile.mkdtemp(prefix="bhr-disk-"))
    guard = subprocess.Popen(
        [_program("sh"), "-c", GUARD, "guard", str(folder)],
        stdin=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        subprocess.run(
            [
                _program("mount"),
                "-t",
                "tmpfs",
                "-o",
                f"size={ROOM_BYTES},mode=0711",
                "tmpfs",
                str(folder),
            ],
            check=True,
            capture_output=True,
        )
        yield SmallDisk(folder)
    finally:
        guard.communicate()


@cache
def none_can_be_had() -> str | None:
    """Say why no disk can be mounted here, where none can."""
    try:
        with small_disk() as disk:
            disk.fill()
    except (OSError, subprocess.CalledProcessError):
        return "this user may not mount a file system"
    return None


def none_for(item: pytest.Item) -> str | None:
    """Say why a test cannot have the disk that it is marked to need."""
    return none_can_be_had() if item.get_closest_marker("small_disk") else None


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise FileNotFoundError(name)
    return found
