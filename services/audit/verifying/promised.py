"""Whether what publishers were promised is what was recorded: their acknowledgements, held here.

A publisher keeps the hub's signed answer to every submission. What it says stands at a position
stands there, or the hub broke its word: a log alone cannot show what was never put into it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from domain.acknowledgements import Acknowledgement, Placed, read_acknowledgement
from domain.errors import NotOpened, NotProven
from domain.record import decode_leaf
from domain.statement import acknowledged_bytes
from domain.values import to_bytes
from services.acknowledging import instant
from services.audit.verifying import report
from services.audit.verifying.evidence import Evidence
from services.audit.verifying.report import Checked, Finding
from services.ports import Verify

HubKey = Callable[[bytes], bytes | None]
"""Gives the hub's public key of a fingerprint, if it is trusted."""


class Promises:
    """Acknowledgements, each held against the ledger that it is of."""

    def __init__(self, evidence: Mapping[str, Evidence], hub_key: HubKey, verify: Verify) -> None:
        """Believe the keys of the hub that `hub_key` gives."""
        self._evidence = evidence
        self._hub_key = hub_key
        self._verify = verify
        self.findings: list[Finding] = []
        self._looked_at = self._untrusted = 0

    def take(self, lines: Iterable[bytes]) -> None:
        """Look at acknowledgements, as the hub gave them, one a line."""
        for raw in lines:
            if raw.strip():
                self._looked_at += 1
                self._one(raw.strip())

    def checked(self) -> Iterator[Checked]:
        """Say how many were looked at."""
        yield Checked(report.PUBLISHERS, "acknowledgements", self._looked_at)
        if self._untrusted:
            why = f"{self._untrusted} are signed by a key of the hub that nobody here vouches for"
            yield Checked(report.PUBLISHERS, "acknowledgements", 0, why)

    def _one(self, raw: bytes) -> None:
        try:
            said, inner = read_acknowledgement(raw)
        except NotProven as refused:
            self._find("acknowledgements", -1, refused.code)
            return
        key = self._hub_key(to_bytes(said.acknowledgement.key))
        if key is None:
            self._untrusted += 1
        elif not self._verify(key, to_bytes(said.signature), acknowledged_bytes(inner)):
            self._find(said.acknowledgement.ledger, -1, "acknowledgement-not-signed-by-the-hub")
        else:
            self._events(said.acknowledgement)

    def _events(self, said: Acknowledgement) -> None:
        evidence = self._evidence.get(said.ledger)
        if evidence is None:
            self._find(said.ledger, -1, "acknowledged-in-a-ledger-that-is-not-here")
            return
        for one in said.events:
            if isinstance(one, Placed):
                stands = _at(evidence, one.position)
                if stands != (one.id, one.recorded):
                    self._find(said.ledger, one.position, "acknowledged-and-not-recorded")

    def _find(self, ledger: str, position: int, code: str) -> None:
        self.findings.append(Finding(report.PUBLISHERS, ledger, position, code))


def _at(evidence: Evidence, position: int) -> tuple[str, str] | None:
    """Give event id and recorded time of what stands at a position."""
    found = evidence.entries(position, 1)
    if not found:
        return None
    try:
        leaf, recorded_ms = decode_leaf(found[0].leaf)
    except NotOpened:
        return None
    return str(leaf.event_id), instant(recorded_ms)
