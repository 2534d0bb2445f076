"""Files that only their owner may read, written once, whole or not at all.

The order of writing: a hidden file beside the place (0600, new) → its bytes and length to the disk
→ a hard link at the place, which fails if something stands there → the hidden name goes → the
folder to the disk. A crash leaves either nothing at the place or the whole file; a hidden file left
over holds nothing that the file itself would not, and may be deleted. (A rename would overwrite.)
"""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from pathlib import Path

from domain.errors import HomeNotReady

_OTHERS = 0o077


def write_private(path: Path, content: bytes) -> None:
    """Write a file that was not there, in a folder of mode 0700; raises HomeNotReady."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if stat.S_IMODE(path.parent.stat().st_mode) & _OTHERS:
            raise HomeNotReady(f"{path.parent}: others may look in here; chmod 700 it")
        _write(path, content)
    except OSError:
        raise HomeNotReady(f"{path}: cannot be written; check the folder's rights, space") from None


def replace_private(path: Path, content: bytes) -> None:
    """Put a file in the place of one that stands there, whole or not at all; for what is public.

    Raises HomeNotReady.
    """
    hidden = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        _write_hidden(hidden, content)
        hidden.replace(path)
        sync_folder(path.parent)
    except OSError:
        raise HomeNotReady(f"{path}: cannot be written; check the folder's rights, space") from None


def _write_hidden(hidden: Path, content: bytes) -> None:
    with os.fdopen(os.open(hidden, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _write(path: Path, content: bytes) -> None:
    hidden = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        _write_hidden(hidden, content)
        path.hardlink_to(hidden)
    except FileExistsError:
        raise HomeNotReady(f"{path}: there already, and never overwritten; move it away") from None
    finally:
        with contextlib.suppress(FileNotFoundError):
            hidden.unlink()
    sync_folder(path.parent)


def read_private(path: Path, *, bytes_max: int) -> bytes:
    """Read a file that nobody else may read; raises HomeNotReady, also when it is too long."""
    try:
        # Not to wait for a writer when somebody put a pipe here.
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        try:
            refuse_others(path, os.fstat(handle))
            with os.fdopen(handle, "rb", closefd=False) as file:
                content = file.read(bytes_max + 1)
        finally:
            os.close(handle)
    except FileNotFoundError:
        raise HomeNotReady(f"{path}: no such file") from None
    except OSError:
        raise HomeNotReady(f"{path}: cannot be read; check its owner and rights") from None
    if len(content) > bytes_max:
        raise HomeNotReady(f"{path}: too long to be what it should be")
    return content


def refuse_others(path: Path, status: os.stat_result) -> None:
    """Raise HomeNotReady for what is not a plain file or is open to group or world."""
    if not stat.S_ISREG(status.st_mode):
        raise HomeNotReady(f"{path}: not a plain file")
    if stat.S_IMODE(status.st_mode) & _OTHERS:
        raise HomeNotReady(f"{path}: others may read this file; chmod 600 it")


def sync_folder(folder: Path) -> None:
    """Make a new name in a folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def destroy_private(path: Path) -> None:
    """Overwrite a file and remove it, if it is there; raises HomeNotReady when it stays."""
    try:
        with path.open("r+b") as file:
            file.write(bytes(os.fstat(file.fileno()).st_size))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
        sync_folder(path.parent)
    except FileNotFoundError:
        return
    except OSError:
        raise HomeNotReady(f"{path}: cannot be removed; check the folder's rights") from None
