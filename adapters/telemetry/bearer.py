"""Bearer tokens of monitoring, each in a file that is its owner's alone."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

from domain.errors import HomeNotReady

_BYTES_MAX = 4 * 1024
_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]{16,}")


def read_bearer(path: Path) -> str:
    """Read a token; raises HomeNotReady for none, a short one, or one that others may read."""
    try:
        with path.open("rb") as file:
            if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
                raise HomeNotReady(f"{path}: others may read this file; chmod 600 it")
            text = file.read(_BYTES_MAX + 1).decode("ascii").strip()
    except (OSError, UnicodeDecodeError):
        raise HomeNotReady(f"{path} cannot be read") from None
    if not _TOKEN.fullmatch(text):
        raise HomeNotReady(f"{path} holds no token of at least 16 characters")
    return text
