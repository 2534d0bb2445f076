"""Whether what a ledger holds is what its publisher signed: statement by statement, anew.

The statement of an event is put together from the leaf, and from what travels in the sealed header;
its digest must be the one that the submission lists at the leaf's index, and the publisher's
signature must cover that list. So it can be shown for ever, whatever was erased since.
"""

from __future__ import annotations

import hashlib
import uuid
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence

from domain.record import Leaf, RingEntry
from domain.statement import signed_bytes
from services.log_ports import SignedList
from services.ports import Verify
from services.receipts import statement_of

SUBMISSIONS_KEPT = 64


FindSubmission = Callable[[uuid.UUID], SignedList | None]
KeysOf = Callable[[str, int], Sequence[bytes]]
"""Gives the signing keys of a source's participant that our own trust file vouches for, of what was
recorded at a time."""


def restated(leaf: Leaf, ring: Iterable[RingEntry], recipients: Sequence[str]) -> bytes:
    """Give the digest of an event's statement as the ledger's own bytes make it."""
    envelopes = [entry.envelope_digest for entry in ring]
    return hashlib.sha256(statement_of(leaf, envelopes, recipients)).digest()


class Submissions:
    """The signed lists of one ledger, each checked once."""

    def __init__(self, ledger: str, find: FindSubmission, keys_of: KeysOf, verify: Verify) -> None:
        """Look them up with `find`; believe the keys that `keys_of` gives."""
        self._ledger = ledger
        self._find = find
        self._keys_of = keys_of
        self._verify = verify
        self._kept: OrderedDict[uuid.UUID, SignedList | str] = OrderedDict()

    def fault_of(self, leaf: Leaf, digest: bytes, recorded_ms: int) -> str | None:
        """Say what is wrong with an event's place in its submission; None where nothing is."""
        listed = self._listed(leaf.submission, recorded_ms)
        if isinstance(listed, str):
            return listed
        if listed.source != leaf.source:
            return "submission-of-another-source"
        if leaf.index >= len(listed.digests) or listed.digests[leaf.index] != digest:
            return "not-what-was-signed"
        return None

    def _listed(self, submission: uuid.UUID, recorded_ms: int) -> SignedList | str:
        found = self._kept.get(submission)
        if found is None:  # all of a submission was recorded at once
            found = self._kept[submission] = self._checked(submission, recorded_ms)
            if len(self._kept) > SUBMISSIONS_KEPT:
                self._kept.popitem(last=False)
        return found

    def _checked(self, submission: uuid.UUID, recorded_ms: int) -> SignedList | str:
        found = self._find(submission)
        if found is None:
            return "submission-missing"
        keys = self._keys_of(found.source, recorded_ms)
        if not keys:
            return "signing-key-not-trusted"
        message = signed_bytes(self._ledger, found.source, submission, found.digests)
        if not any(self._verify(key, found.signature, message) for key in keys):
            return "signature-does-not-hold"
        return found
