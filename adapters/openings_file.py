"""An openings pack as a file: written whole or not at all, read line by line, gzip or plain."""

from __future__ import annotations

import contextlib
import gzip
import os
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from domain.errors import HomeNotReady
from domain.openings import LINE_BYTES_MAX, NotAPack

_MAGIC = b"\x1f\x8b"
_LEVEL = 6


def lines_of(path: Path) -> Iterator[bytes]:
    """Read a pack's lines, each with its LF.

    Raises HomeNotReady for a file that cannot be read, NotAPack for one that ends too early.
    """
    try:
        with path.open("rb") as raw:
            compressed = raw.read(len(_MAGIC)) == _MAGIC
            raw.seek(0)
            if compressed:
                with gzip.GzipFile(fileobj=raw) as file:
                    yield from _lines(file)
            else:
                yield from _lines(raw)
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise NotAPack("truncated") from None
    except OSError:
        raise HomeNotReady(f"{path} cannot be read") from None


def _lines(file: IO[bytes] | gzip.GzipFile) -> Iterator[bytes]:
    while line := file.readline(LINE_BYTES_MAX + 1):
        yield line


@contextmanager
def written_whole(path: Path) -> Iterator[Callable[[bytes], object]]:
    """Give what takes a new file's bytes; the file is there once all of them are durable.

    It is its owner's alone, and compressed where its name ends with `.gz`. Raises HomeNotReady
    where something stands there already, or it cannot be written.
    """
    partial = path.with_name(f".{path.name}.partial")
    try:
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise HomeNotReady(f"{partial} is left of another attempt: remove it first") from None
    except OSError:
        raise HomeNotReady(f"{path} cannot be made: see who may write there") from None
    try:
        with os.fdopen(handle, "wb") as raw:
            if path.suffix == ".gz":
                with gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=_LEVEL, mtime=0) as file:
                    yield file.write
            else:
                yield raw.write
            raw.flush()
            os.fsync(raw.fileno())
        path.hardlink_to(partial)  # where a rename would overwrite
    except FileExistsError:
        raise HomeNotReady(f"{path} is there already, and never overwritten") from None
    except OSError:
        raise HomeNotReady(f"{path} cannot be written: see the room that there is") from None
    finally:
        with contextlib.suppress(FileNotFoundError):
            partial.unlink()
