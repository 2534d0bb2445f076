"""Opening a hub's home for audit: live or a copy, by its keys, and never to write.

What is folded anew is put into a folder that is thrown away, never into the home.
"""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from adapters.assembly.hub import VERSIONS, folding_rules, stored_models
from adapters.assembly.ledgers import ledgers_of
from adapters.identity.trust_file import TrustFile
from adapters.keys.cipher import AesGcmCipher
from adapters.keys.key_encryption import KeyEncryptionFile
from adapters.keys.sealed_file import open_sealed
from adapters.keys.store_reading import ReadOnlyKeyStore
from adapters.ledger.sqlite_reading import ReadOnlySqliteLedger
from adapters.openings_file import lines_of
from adapters.settings import HubHome
from adapters.views.generations import Generations
from adapters.views.ledger_files import LedgerFiles
from adapters.views.reading import ReadOnlyLedgerFiles
from domain.errors import HomeNotReady, NotFound, OpeningsRefused
from domain.reference.participants import PARTNERSHIP
from services.answering import Answering, Means
from services.audit.asking import Listening, NobodyAsks
from services.audit.packed import PackedLedger, Survey, survey
from services.audit.replaying import DatedLog, Moment, Prefix, Progress, at, replay
from services.custody import KeyCustody
from services.opening import Opening, Opens
from services.querying import Querying
from services.registry import Registry
from services.sealing import Sealing
from services.views import ViewReader


@dataclass(frozen=True, slots=True)
class AuditRoom:
    """A home opened for audit: its ledgers, what opens their entries, and its live views."""

    home: HubHome
    ledgers: Mapping[str, DatedLog]
    openings: Mapping[str, Opens]
    packs: Mapping[str, Survey] | None = None
    """None where the home's own keys open everything."""
    live: ViewReader | None = None
    """None where there are none, or no key to them."""

    def refuse_what_is_shut(self, sizes: Mapping[str, int]) -> None:
        """Raise HomeNotReady where there are entries that neither a key nor an opening opens."""
        if self.packs is None:
            return
        shut = dict(sizes)
        for name, pack in self.packs.items():
            shut[name] = sizes.get(name, 0) - pack.covered(sizes.get(name, 0))
        listed = ", ".join(f"{name} {many}" for name, many in sorted(shut.items()) if many)
        if listed:
            raise HomeNotReady(
                f"entries that nothing opens, for want of keys or openings: {listed}"
            )

    def reach(self) -> dict[str, int]:
        """Give how far the packs go, or else the live views; nothing where there are none."""
        if self.packs is not None:
            sizes = {name: pack.head.size for name, pack in self.packs.items()}
            return {name: min(size, self.ledgers[name].head().size) for name, size in sizes.items()}
        return {} if self.live is None else {one: self.live.position(one) for one in self.ledgers}

    def readable(self) -> dict[str, Prefix]:
        """Give the ledgers as far as they can be opened; refuses as `refuse_what_is_shut` does."""
        whole = {name: ledger.head().size for name, ledger in self.ledgers.items()}
        sizes = whole if self.packs is None else {**whole, **self.reach()}
        self.refuse_what_is_shut(sizes)
        return at(self.ledgers, Moment(0, sizes))

    def registry(self, ledgers: Mapping[str, Prefix], moment: Moment) -> Registry:
        """Give what was registered and in force at a moment."""
        opening = self.openings[PARTNERSHIP]
        return Registry(ledgers[PARTNERSHIP], opening, TrustFile(self.home.trust), moment)

    def ledger_of(self, borough: str, now_ms: int) -> str:
        """Give the name of a borough's ledger; raises NotFound."""
        registry = self.registry(self.readable(), Moment(now_ms, {}))
        found = registry.participants().participant(borough, registry.today())
        if found is None or found.ledger is None:
            raise NotFound("borough")
        return found.ledger


@contextmanager
def open_audit(
    home: HubHome, passphrase: str | None, packs: Sequence[Path] = (), *, demo: bool = False
) -> Iterator[AuditRoom]:
    """Open a home by its keys, or by openings packs alone. Nothing is made or changed.

    Raises HomeNotReady, NotOpened, or OpeningsRefused for what is no pack, or one of two.
    """
    with ExitStack() as closing:
        ledgers = closing.enter_context(ledgers_of(home, demo=demo, opened_as=ReadOnlySqliteLedger))
        if passphrase is None or packs:
            yield _by_packs(home, ledgers, packs)
        else:
            yield _by_keys(home, ledgers, passphrase, closing)


def _by_keys(
    home: HubHome, ledgers: Mapping[str, DatedLog], passphrase: str, closing: ExitStack
) -> AuditRoom:
    secret = open_sealed(
        home.key_file("key-encryption"), passphrase, purpose="key-encryption", owner=PARTNERSHIP
    )
    store = ReadOnlyKeyStore(home.key_store)
    closing.callback(store.close)
    encryption = KeyEncryptionFile(secret)
    custody = KeyCustody(store, encryption)
    openings = {name: _opening(name, custody) for name in ledgers}
    generations = Generations(home.views, VERSIONS, encryption, ReadOnlyLedgerFiles)
    closing.callback(generations.close)
    live = generations.live() if generations.current() else None
    return AuditRoom(home, ledgers, openings, live=live)


def _by_packs(home: HubHome, ledgers: Mapping[str, DatedLog], files: Sequence[Path]) -> AuditRoom:
    packs: dict[str, Survey] = {}
    for file in files:
        found = survey(partial(lines_of, file))
        name = found.head.ledger
        if name in packs:
            raise OpeningsRefused(name, "given-twice")
        if name not in ledgers:
            raise OpeningsRefused(name, "no-such-ledger-here")
        packs[name] = found
    packed = {
        name: PackedLedger(ledgers[name], pack, stored_models()) for name, pack in packs.items()
    }
    return AuditRoom(home, {**ledgers, **packed}, packed, packs)


def _opening(ledger: str, custody: KeyCustody) -> Opening:
    return Opening(ledger, Sealing(ledger, AesGcmCipher(), custody), custody, stored_models())


@dataclass(frozen=True, slots=True)
class Replayed:
    """Views folded anew as of a moment, and who answers from them."""

    moment: Moment
    store: Listening
    registry: Registry
    querying: Querying


@contextmanager
def replayed(room: AuditRoom, moment: Moment, tell: Progress) -> Iterator[Replayed]:
    """Fold a home's ledgers as of a moment into views that are thrown away afterwards."""
    room.refuse_what_is_shut(moment.sizes)
    if not moment.sizes.get(PARTNERSHIP):
        raise HomeNotReady("nothing was registered by then: the partnership's ledger was empty")
    ledgers = at(room.ledgers, moment)
    registry = room.registry(ledgers, moment)
    with tempfile.TemporaryDirectory(prefix="bhr-replay-") as folder:
        views = LedgerFiles(Path(folder), versions=VERSIONS, key=secrets.token_bytes(32))
        replay(ledgers, views, folding_rules(room.openings, registry), tell)
        listening = Listening(views)
        means = Means(lambda: listening, room.ledgers, VERSIONS)
        querying = Querying(Answering(means, registry, NobodyAsks()))
        yield Replayed(moment, listening, registry, querying)
