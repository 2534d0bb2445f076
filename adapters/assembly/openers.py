"""What opens evidence for a verification, and whose keys are believed in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from adapters.assembly.audit import opened_by_keys, packs_of
from adapters.assembly.evidence import Held, StoredEvidence, evidence_of
from adapters.assembly.identities import WallClock
from adapters.assembly.stands import stored_models
from adapters.identity.trust_file import TrustFile
from adapters.keys import signing
from adapters.pack_folder import PackFolder
from adapters.settings import HubHome
from domain.errors import HomeNotReady, HubError
from domain.reference.participants import PARTNERSHIP
from services.audit.packed import PackedLedger, Survey
from services.audit.verifying.contents import Means
from services.audit.verifying.evidence import Evidence, EvidentLog, RenewedLog
from services.audit.verifying.looking import ReadOnce
from services.audit.verifying.referenced import ShownReference
from services.audit.verifying.report import Checked, Finding
from services.audit.verifying.statements import Submissions
from services.audit.verifying.trusted import PublisherKeys, finished_log_keys
from services.deciding import Deciding
from services.opening import Opening, Opens
from services.projecting import Log
from services.registry import Registry
from services.trust import Belief


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be verified, and with what."""

    held: Held
    policy: Path | None = None
    passphrase: str | None = field(default=None, repr=False)
    packs: tuple[Path, ...] = ()
    trust: Path | None = None
    """The auditor's own trust file; the hub's where it is left out."""
    witnesses: bool = True
    """Ask each witness of the policy what it saw last."""
    acknowledgements: tuple[Path, ...] = ()
    """Files of publishers: the hub's signed answers, one a line."""
    processes: int | None = None
    ledgers: tuple[str, ...] = ()
    """Those whose packs are needed; all when empty."""


class Openers:
    """Opens what can be opened of each ledger; nothing where there is neither key nor pack."""

    def __init__(self, evidence: Mapping[str, Evidence], registry: Registry | None) -> None:
        """Believe the keys that the registry finds registered and trusted."""
        self._evidence = evidence
        self._registry = registry
        self._deciding = None if registry is None else Deciding(registry, signing.verify)
        self._opened: Mapping[str, Opening] = {}
        self._explaining: Mapping[str, RenewedLog] = {}
        self._packs: Mapping[str, Survey] = {}
        self.shown: ShownReference | None = None
        """The reference documents that a pack shows, where there is a pack."""
        self._shown_alone = False

    def by_shown(self, shown: ShownReference, registry: Registry | None) -> Openers:
        """Hold what a pack shows; without a registry of more, what it registers is all there is."""
        self.shown, self._shown_alone = shown, registry is None
        return self

    def hold_shown(self, names: Sequence[str]) -> tuple[list[Checked], list[Finding]]:
        """Hold the files of these names against what the ledger registered."""
        if self.shown is None or self._registry is None:
            return [], []
        held = list(self.shown.hold(self._registry, names))
        return held, list(self.shown.findings)

    def by_keys(
        self, opened: Mapping[str, Opening], explaining: Mapping[str, RenewedLog]
    ) -> Openers:
        """Open by the hub's own keys; the logs say which of those were destroyed."""
        self._opened, self._explaining = opened, explaining
        return self

    def by_packs(self, packs: Mapping[str, Survey]) -> Openers:
        """Open by openings packs."""
        self._packs = packs
        return self

    def opens(self, ledger: str) -> bool:
        """Say whether anything opens a ledger's entries."""
        return ledger in self._opened or ledger in self._packs

    def by_key(self, ledger: str) -> tuple[Log, Opening]:
        """Give a ledger's entries, and what opens them by the hub's own keys."""
        return EvidentLog(self._evidence[ledger]), self._opened[ledger]

    def means(self, ledger: str) -> Means:
        """Give how a ledger's entries are read and opened, by keys or by a pack."""
        evidence = self._evidence[ledger]
        if ledger in self._packs:
            packed = packed_ledger(evidence, self._packs[ledger])
            return Means(packed, packed, deciding=self._deciding)
        once = ReadOnce(*self.by_key(ledger))
        renew = self._explaining[ledger].renew
        if not isinstance(evidence, StoredEvidence) or self._registry is None:
            return Means(once, once, deciding=self._deciding, renew=renew)
        keys = PublisherKeys(self._registry)
        return Means(
            once,
            once,
            ringed=once.ringed,
            submissions=Submissions(evidence.ledger, evidence.signed, keys, signing.verify),
            deciding=self._deciding,
            renew=renew,
        )

    def finished_log_keys(self) -> Mapping[bytes, int] | None:
        """Give the log keys that were replaced for good; None where the list does not open."""
        if self._registry is None or self._shown_alone:
            return None  # a list that was left out would be one of no finished key
        try:
            return finished_log_keys(self._registry)
        except HubError:
            return None

    def hub_key(self, fingerprint: bytes) -> bytes | None:
        """Give the hub's key of a fingerprint, if it is registered and trusted."""
        if self._registry is None:
            return None
        try:
            return self._registry.public_key(PARTNERSHIP, "hub", fingerprint)
        except HubError:
            return None


def openers_of(asked: Asked, evidence: Mapping[str, Evidence], closing: ExitStack) -> Openers:
    """Give what opens the evidence; raises HomeNotReady, NotOpened or OpeningsRefused."""
    if asked.held.home is not None and asked.passphrase is not None and not asked.packs:
        home = HubHome(asked.held.home)
        newest = partial(evidence_of, asked.held)
        logs = {name: RenewedLog(one, newest) for name, one in evidence.items()}
        opened = opened_by_keys(home, asked.passphrase, logs, closing)[0]
        if PARTNERSHIP not in opened:
            return Openers(evidence, None).by_keys(opened, logs)
        log = EvidentLog(evidence[PARTNERSHIP])
        known = _registry(asked, log, opened[PARTNERSHIP])
        return Openers(evidence, known).by_keys(opened, logs)
    packs = packs_of(asked.packs, asked.ledgers)
    registry = None
    if PARTNERSHIP in packs and PARTNERSHIP in evidence:
        # One of its own: what it gave for the last reading is what it opens.
        packed = packed_ledger(evidence[PARTNERSHIP], packs[PARTNERSHIP])
        registry = _registry(asked, packed, packed)
    shown = _shown(asked, evidence)
    if shown is None:
        return Openers(evidence, registry).by_packs(packs)
    known = registry or _registry(asked, shown, shown)
    return Openers(evidence, known).by_packs(packs).by_shown(shown, registry)


def _shown(asked: Asked, evidence: Mapping[str, Evidence]) -> ShownReference | None:
    """Give the reference documents of an exported folder; None where there is none."""
    if asked.held.folder is None or PARTNERSHIP not in evidence:
        return None
    pack = PackFolder(asked.held.folder)
    return ShownReference(
        evidence[PARTNERSHIP], stored_models(), lambda path: pack.fetch(f"{PARTNERSHIP}/{path}")
    )


def packed_ledger(evidence: Evidence, pack: Survey) -> PackedLedger:
    """Give evidence together with its openings."""
    sealed = isinstance(evidence, StoredEvidence)
    return PackedLedger(EvidentLog(evidence), pack, stored_models(), sealed=sealed)


def _registry(asked: Asked, log: Log, opening: Opens) -> Registry:
    home = asked.held.home
    trust = asked.trust or (HubHome(home).trust if home else Path("trust.json"))
    return Registry(log, opening, Belief(TrustFile(trust), signing.verify), WallClock())


def lines_in(path: Path) -> Iterator[bytes]:
    """Read a file line by line; raises HomeNotReady."""
    try:
        with path.open("rb") as file:
            yield from file
    except OSError:
        raise HomeNotReady(f"{path} cannot be read") from None
