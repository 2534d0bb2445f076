"""The fences in a file beside a borough's store: what was erased, in keyed tags.

One JSON document, written whole beside itself and then put in its place, so that it is never half
there. It belongs to no backup of the store: whoever puts an older store back leaves this file as
it is.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from domain.errors import HomeNotReady, Unavailable
from domain.values import Bytes32, Day, Strict, to_bytes, to_text
from services.erasing_ports import Fence

_WHAT = "the file of what was erased"


class _Fence(Strict):
    erased: bool
    facts: tuple[str, ...] = Field(description="keyed tags of 16 bytes, base64url")
    person: Bytes32
    since: Day


class _Fences(Strict):
    fences: tuple[_Fence, ...]
    format: Annotated[Literal["bhr-fences/v1"], Field()]


class FenceFile:
    """The `Fences` port."""

    def __init__(self, path: Path) -> None:
        """Keep fences in this file; it need not be there yet."""
        self._path = path

    def mark(self) -> str:
        """Give a text that is another one whenever the file is; empty when there is none."""
        try:
            status = self._path.stat()
        except FileNotFoundError:
            return ""
        except OSError:
            raise HomeNotReady(f"{self._path}: cannot be looked at") from None
        return f"{status.st_ino} {status.st_size} {status.st_mtime_ns}"

    def kept(self) -> frozenset[Fence]:
        """Give every fence; raises HomeNotReady for a file that is damaged."""
        try:
            raw = self._path.read_bytes()
        except FileNotFoundError:
            return frozenset()
        except OSError:
            raise HomeNotReady(f"{self._path}: cannot be read") from None
        try:
            return frozenset(map(_fence, _Fences.model_validate_json(raw).fences))
        except ValueError:
            raise HomeNotReady(
                f"{self._path} is damaged: without it what was erased could be told again; "
                "restore its newest copy"
            ) from None

    def keep(self, fences: Collection[Fence]) -> None:
        """Keep these beside those that are kept already."""
        together = sorted(self.kept() | set(fences))
        document = _Fences(fences=tuple(map(_written, together)), format="bhr-fences/v1")
        beside = self._path.with_suffix(".writing")
        try:
            handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(document.canonical() + b"\n")
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self._path)
            folder = os.open(self._path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError:
            raise Unavailable(_WHAT) from None


def _fence(read: _Fence) -> Fence:
    facts = tuple(map(to_bytes, read.facts))
    return Fence(to_bytes(read.person), read.since, facts, read.erased)


def _written(fence: Fence) -> _Fence:
    return _Fence(
        erased=fence.erased,
        facts=tuple(map(to_text, fence.facts)),
        person=to_text(fence.person),
        since=fence.since,
    )
