"""Our own trust file: JSON, mode 0600, replaced atomically.

{"vouched": [{"fingerprint": base64url, "participant": code, "purpose": …}, …]}

Who may write it decides whom this body believes: a file that others may write is refused.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from domain.canonical import canonical, strict_json
from domain.errors import HomeNotReady
from domain.reference.body_keys import KeyPurpose
from domain.values import Bytes32, ParticipantCode, Strict, to_bytes, to_text
from services.trust import Vouched

_OTHERS_WRITE = 0o022


class _Line(Strict):
    """One fingerprint as it stands in the file."""

    fingerprint: Bytes32
    participant: ParticipantCode
    purpose: KeyPurpose


class _File(Strict):
    """The whole file."""

    vouched: tuple[_Line, ...] = ()


class TrustFile:
    """What was told by other means, read anew at each question: it is asked seldom."""

    def __init__(self, path: Path) -> None:
        """Read and write this file; none yet is nobody vouched for."""
        self._path = path

    def vouches(self, participant: str, purpose: KeyPurpose, fingerprint: bytes) -> bool:
        """Say whether this very fingerprint was given for this body and purpose."""
        return Vouched(participant, purpose, fingerprint) in self.entries()

    def entries(self) -> tuple[Vouched, ...]:
        """Give everything that is vouched for; raises HomeNotReady for a broken file."""
        try:
            with self._path.open("rb") as file:
                if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & _OTHERS_WRITE:
                    raise HomeNotReady(f"{self._path}: others may write here; chmod 600 it")
                raw = file.read()
        except FileNotFoundError:
            return ()
        except OSError:
            raise HomeNotReady(f"{self._path} cannot be read") from None
        try:
            strict_json(raw)
            lines = _File.model_validate_json(raw).vouched
        except ValueError:
            raise HomeNotReady(f"{self._path} is no trust file: restore it, or add anew") from None
        return tuple(
            Vouched(one.participant, one.purpose, to_bytes(one.fingerprint)) for one in lines
        )

    def add(self, vouched: Vouched) -> None:
        """Add a fingerprint, durably; adding one twice changes nothing. Raises HomeNotReady.

        What could not be read again is not written: it would make the whole file unreadable.
        """
        _line(vouched)
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with _alone(self._path.parent) as folder:
                entries = self.entries()
                if vouched not in entries:
                    self._replace((*entries, vouched))
                    os.fsync(folder)
        except OSError:
            raise HomeNotReady(f"{self._path} cannot be written: check rights and space") from None

    def _replace(self, entries: tuple[Vouched, ...]) -> None:
        document = {"vouched": [_line(one).model_dump() for one in entries]}
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


def _line(vouched: Vouched) -> _Line:
    try:
        return _Line(
            fingerprint=to_text(vouched.fingerprint),
            participant=vouched.participant,
            purpose=vouched.purpose,
        )
    except ValueError:
        raise HomeNotReady("not trusted: a body, a purpose and a fingerprint are needed") from None


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[int]:
    """Hold a folder against other writers of it; gives its handle. Reading needs no hold."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield handle
    finally:
        os.close(handle)
