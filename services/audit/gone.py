"""Which keys a ledger says were destroyed, read from end to end: no row hides by its own column."""

from __future__ import annotations

import contextlib

from domain.errors import NotOpened
from domain.record import Attestation, attestation_of
from domain.values import to_bytes
from domain.vocabulary.custody import KeyDestroyed
from services.opening import Opening
from services.ports import StoredEntry
from services.projecting import Log

_BATCH = 500


class GoneByLog:
    """What explains missing keys in an audit. But the hub's own, entries are read for one byte.

    An entry that does not open explains nothing: what it would have explained is then a finding.
    """

    def __init__(self, log: Log, opening: Opening) -> None:
        """Read a log through an opening of its own."""
        self._log = log
        self._opening = opening
        self._size = 0
        self._keys: set[bytes] = set()

    def learn(self) -> None:
        """Read what was destroyed since."""
        while entries := self._log.read(self._size, _BATCH):
            for entry in entries:
                with contextlib.suppress(NotOpened):
                    self._take(entry)
            self._size += len(entries)

    def destroyed(self, key_id: bytes) -> bool:
        """Say whether a key was destroyed."""
        return key_id in self._keys

    def _take(self, entry: StoredEntry) -> None:
        if attestation_of(entry.record) != Attestation.HUB:
            return
        if self._opening.header(entry)[3].name == KeyDestroyed.name:
            facts = self._opening.event(entry).facts
            if isinstance(facts, KeyDestroyed.Facts):
                self._keys |= {to_bytes(key) for key in facts.keys}
