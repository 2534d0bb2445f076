"""Folders that nobody may write, and commands that are bound by that, played by root too."""

from __future__ import annotations

import ctypes
import os
import struct
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from adapters.command_line import main
from adapters.settings import HOME_VARIABLE


def seal_off(folder: Path) -> None:
    """Take everybody's right to write here, the owner's too."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o500 if path.is_dir() else 0o400)


def unseal(folder: Path) -> None:
    """Let it be removed."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o700)


def bound_by_rights(words: Sequence[str]) -> None:
    """Play a command as one whom the rights of files bind: root is not, without this."""
    if os.getuid() == 0:
        libc = ctypes.CDLL(None, use_errno=True)
        version_3, this_process = 0x20080522, 0
        header = struct.pack("=Ii", version_3, this_process)
        assert libc.capset(header, bytes(24)) == 0, ctypes.get_errno()
    with pytest.raises(PermissionError):
        (Path(os.environ[HOME_VARIABLE]) / "hub" / "written").touch()
    sys.argv = ["bhr", *words]
    main.run()
