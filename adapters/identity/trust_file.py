"""Our own trust file: JSON, mode 0600, replaced atomically.

{"vouched": [{"fingerprint": base64url, "participant": code, "purpose": …}, …]}
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from pydantic import ValidationError

from domain.canonical import canonical
from domain.errors import HomeNotReady
from domain.reference.body_keys import KeyPurpose
from domain.values import Bytes32, ParticipantCode, Strict, to_bytes, to_text
from services.trust import Vouched


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
            raw = self._path.read_bytes()
        except FileNotFoundError:
            return ()
        except OSError:
            raise HomeNotReady(f"{self._path} cannot be read") from None
        try:
            lines = _File.model_validate_json(raw).vouched
        except ValidationError:
            raise HomeNotReady(f"{self._path} is no trust file: restore it, or add anew") from None
        return tuple(
            Vouched(one.participant, one.purpose, to_bytes(one.fingerprint)) for one in lines
        )

    def add(self, vouched: Vouched) -> None:
        """Add a fingerprint, durably; adding one twice changes nothing."""
        entries = self.entries()
        if vouched in entries:
            return
        document = {
            "vouched": [
                {
                    "fingerprint": to_text(one.fingerprint),
                    "participant": one.participant,
                    "purpose": one.purpose,
                }
                for one in (*entries, vouched)
            ]
        }
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self._path.parent)  # mode 0600
        with os.fdopen(handle, "wb") as file:
            file.write(canonical(document))
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(self._path)
