"""Our own trust file: JSON, mode 0600, replaced atomically.

{"vouched": [{"fingerprint": base64url, "participant": code, "purpose": …, "until"?: …}, …]}

`until` is the instant from which on nothing is believed of that key any more.

Who may write it decides whom this body believes: a file that others may write is refused.
"""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from adapters.held_folder import alone
from domain.canonical import canonical, strict_json
from domain.errors import HomeNotReady, NotFound
from domain.reference.body_keys import KeyPurpose
from domain.values import Bytes32, Instant, ParticipantCode, Strict, instant_of, to_bytes, to_text
from services.acknowledging import instant
from services.trust import FOREVER, Vouched

_OTHERS_WRITE = 0o022
SETTLED_NS = 2_000_000_000
"""A file that was changed so lately may be changed again and bear the same times."""
_Standing = tuple[int, ...]


class _Line(Strict):
    """One fingerprint as it stands in the file."""

    fingerprint: Bytes32
    participant: ParticipantCode
    purpose: KeyPurpose
    until: Instant | None = None


class _File(Strict):
    """The whole file."""

    vouched: tuple[_Line, ...] = ()


class TrustFile:
    """What was told by other means, looked at for each question, and read anew when it changed."""

    def __init__(self, path: Path) -> None:
        """Read and write this file; none yet is nobody vouched for."""
        self._path = path
        self._known: tuple[_Standing, tuple[Vouched, ...]] | None = None

    def entries(self) -> tuple[Vouched, ...]:
        """Give everything that is vouched for; raises HomeNotReady for a broken file."""
        known = self._known
        try:
            if known is not None and known[0] == _standing(self._path.stat()):
                return known[1]
            with self._path.open("rb") as file:
                found = os.fstat(file.fileno())
                if stat.S_IMODE(found.st_mode) & _OTHERS_WRITE:
                    raise HomeNotReady(f"{self._path}: others may write here; chmod 600 it")
                settled = time.time_ns() - max(found.st_mtime_ns, found.st_ctime_ns) > SETTLED_NS
                entries = self._entries_in(file.read())
        except FileNotFoundError:
            return ()
        except OSError:
            raise HomeNotReady(f"{self._path} cannot be read") from None
        self._known = (_standing(found), entries) if settled else None
        return entries

    def _entries_in(self, raw: bytes) -> tuple[Vouched, ...]:
        try:
            strict_json(raw)
            lines = _File.model_validate_json(raw).vouched
        except ValueError:
            raise HomeNotReady(f"{self._path} is no trust file: restore it, or add anew") from None
        return tuple(
            Vouched(
                one.participant,
                one.purpose,
                to_bytes(one.fingerprint),
                FOREVER if one.until is None else round(instant_of(one.until).timestamp() * 1000),
            )
            for one in lines
        )

    def add(self, vouched: Vouched) -> None:
        """Add a fingerprint, durably; adding one twice changes nothing. Raises HomeNotReady.

        What could not be read again is not written: it would make the whole file unreadable.
        """
        _line(vouched)
        with self._changing() as entries:
            if vouched not in entries:
                entries.append(vouched)

    def remove(self, vouched: Vouched) -> None:
        """Believe nothing of a key from `until_ms` on, durably; what was recorded before stays.

        The earliest instant counts. Raises NotFound where it was never given, HomeNotReady.
        """
        _line(vouched)
        with self._changing() as entries:
            same = [at for at, one in enumerate(entries) if _key_of(one) == _key_of(vouched)]
            if not same:
                raise NotFound("such a fingerprint in this trust file")
            for at in same:
                until_ms = min(entries[at].until_ms, vouched.until_ms)
                entries[at] = replace(vouched, until_ms=until_ms)

    @contextlib.contextmanager
    def _changing(self) -> Iterator[list[Vouched]]:
        """Give the entries, alone; what they are at the end is written, if they changed."""
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with alone(self._path.parent) as folder:
                before = self.entries()
                entries = list(before)
                yield entries
                if tuple(entries) != before:
                    self._replace(tuple(dict.fromkeys(entries)))
                    os.fsync(folder)
        except OSError:
            raise HomeNotReady(f"{self._path} cannot be written: check rights and space") from None

    def _replace(self, entries: tuple[Vouched, ...]) -> None:
        document = {"vouched": [_line(one).model_dump(exclude_none=True) for one in entries]}
        handle, name = tempfile.mkstemp(dir=self._path.parent)  # mode 0600
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(canonical(document))
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(self._path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


def _standing(found: os.stat_result) -> _Standing:
    """Give what differs once a file was written, replaced, or opened to others."""
    where = (found.st_dev, found.st_ino, found.st_mode)
    return (*where, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def _key_of(vouched: Vouched) -> tuple[str, KeyPurpose, bytes]:
    return vouched.participant, vouched.purpose, vouched.fingerprint


def _line(vouched: Vouched) -> _Line:
    try:
        return _Line(
            fingerprint=to_text(vouched.fingerprint),
            participant=vouched.participant,
            purpose=vouched.purpose,
            until=None if vouched.until_ms == FOREVER else instant(vouched.until_ms),
        )
    except ValueError:
        raise HomeNotReady("not trusted: a body, a purpose and a fingerprint are needed") from None
