"""Opening a hub's home for audit: live or a copy, by its keys, and never to write.

What is folded anew is put into a folder that is thrown away, never into the home.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from adapters.assembly.identities import WallClock
from adapters.assembly.key_stores import open_to_read
from adapters.assembly.ledgers import ledgers_of
from adapters.assembly.stands import stored_models
from adapters.assembly.view_stores import generations_of
from adapters.assembly.wrapping import to_read_by
from adapters.identity.trust_file import TrustFile
from adapters.keys import signing
from adapters.keys.cipher import AesGcmCipher
from adapters.openings_file import lines_of
from adapters.settings import HubHome
from domain.errors import HomeNotReady, NotFound, OpeningsRefused
from domain.reference.participants import PARTNERSHIP
from services.audit.gone import GoneByLog
from services.audit.packed import PackedLedger, Survey, of_ledger, survey
from services.audit.replaying import DatedLog, Moment, Prefix, at
from services.custody import KeyCustody
from services.deciding import Deciding
from services.key_ports import KeyEncryption
from services.opening import Opening, Opens
from services.projecting import Log
from services.registry import Registry
from services.sealing import Sealing
from services.trust import Belief
from services.views import ViewReader


@dataclass(frozen=True, slots=True)
class Opener:
    """How a home is opened for audit: by its keys, or by openings packs alone."""

    home: HubHome
    passphrase: str | None = field(repr=False)
    packs: tuple[Path, ...] = ()
    demo: bool = False
    ledgers: tuple[str, ...] = ()
    """Those whose packs are needed; all when empty."""

    def only(self, ledger: str) -> Opener:
        """Give how to open what folding one ledger needs."""
        return replace(self, ledgers=(ledger, PARTNERSHIP))


@dataclass(frozen=True, slots=True)
class AuditRoom:
    """A home opened for audit: its ledgers, what opens their entries, and its live views."""

    opener: Opener
    ledgers: Mapping[str, DatedLog]
    openings: Mapping[str, Opens]
    packs: Mapping[str, PackedLedger] | None = None
    """None where the home's own keys open everything."""
    live: ViewReader | None = None
    """None where there are none, or no key to them."""

    def refuse_what_is_shut(self, moment: Moment) -> None:
        """Raise HomeNotReady where there are entries that neither a key nor an opening opens."""
        if self.packs is None:
            return
        sizes = dict(moment.sizes)
        sizes[PARTNERSHIP] = max(sizes.get(PARTNERSHIP, 0), moment.registering())
        shut = dict(sizes)
        for name, pack in self.packs.items():
            shut[name] = pack.shut(sizes.get(name, 0))
        listed = ", ".join(f"{name} {many}" for name, many in sorted(shut.items()) if many)
        if listed:
            raise HomeNotReady(
                f"entries that nothing opens, for want of keys or openings: {listed}"
            )

    def reach(self) -> dict[str, int]:
        """Give how far the packs go, or else the live views; nothing where there are none."""
        if self.packs is not None:
            sizes = {name: pack.packed for name, pack in self.packs.items()}
            return {name: min(size, self.ledgers[name].head().size) for name, size in sizes.items()}
        return {} if self.live is None else {one: self.live.position(one) for one in self.ledgers}

    def readable(self) -> dict[str, Prefix]:
        """Give the ledgers as far as they can be opened; refuses as `refuse_what_is_shut` does."""
        whole = {name: ledger.head().size for name, ledger in self.ledgers.items()}
        sizes = whole if self.packs is None else {**whole, **self.reach()}
        moment = Moment(0, sizes)
        self.refuse_what_is_shut(moment)
        return at(self.ledgers, moment)

    def registry(self, moment: Moment) -> Registry:
        """Give what was registered and in force at a moment."""
        ledger = Prefix(self.ledgers[PARTNERSHIP], moment.registering())
        opening = self.openings[PARTNERSHIP]
        belief = Belief(TrustFile(self.opener.home.trust), signing.verify)
        return Registry(ledger, opening, belief, moment)

    def deciding(self) -> Deciding:
        """Give whose decisions stand, by all that is registered now."""
        readable = {name: one.head().size for name, one in self.readable().items()}
        moment = Moment(WallClock().now_ms(), readable)
        return Deciding(self.registry(moment), signing.verify)

    def knows_whom_to_trust(self) -> bool:
        """Say whether there is a trust file here, by which signatures can be believed."""
        return self.opener.home.trust.is_file()

    def ledger_of(self, borough: str, now_ms: int) -> str:
        """Give the name of a borough's ledger; raises NotFound."""
        readable = {name: one.head().size for name, one in self.readable().items()}
        registry = self.registry(Moment(now_ms, readable))
        found = registry.participants().participant(borough, registry.today())
        if found is None or found.ledger is None:
            raise NotFound("borough")
        return found.ledger


@contextmanager
def open_audit(opener: Opener) -> Iterator[AuditRoom]:
    """Open a home. Nothing is made or changed.

    Raises HomeNotReady, NotOpened, or OpeningsRefused for what is no pack, or one of two.
    """
    with ExitStack() as closing:
        ledgers = closing.enter_context(ledgers_of(opener.home, demo=opener.demo, reading=True))
        if opener.passphrase is None or opener.packs:
            yield _by_packs(opener, ledgers)
        else:
            yield _by_keys(opener, ledgers, opener.passphrase, closing)


def _by_keys(
    opener: Opener, ledgers: Mapping[str, DatedLog], passphrase: str, closing: ExitStack
) -> AuditRoom:
    home = opener.home
    openings, encryption = opened_by_keys(home, passphrase, ledgers, closing)
    generations = generations_of(home, encryption, reading=True)
    closing.callback(generations.close)
    live = generations.live() if generations.current() else None
    return AuditRoom(opener, ledgers, openings, live=live)


def opened_by_keys(
    home: HubHome, passphrase: str, ledgers: Mapping[str, Log], closing: ExitStack
) -> tuple[dict[str, Opening], KeyEncryption]:
    """Give what opens the entries of these ledgers by the home's own keys, which are only read."""
    encryption = to_read_by(home, passphrase)
    store = open_to_read(home)
    closing.callback(store.close)
    custody = KeyCustody(store, encryption)
    return {name: _opening(name, log, custody) for name, log in ledgers.items()}, encryption


def _by_packs(opener: Opener, ledgers: Mapping[str, DatedLog]) -> AuditRoom:
    packs = packs_of(opener.packs, opener.ledgers)
    for name in packs:
        if name not in ledgers:
            raise OpeningsRefused(name, "no-such-ledger-here")
    packed = {
        name: PackedLedger(ledgers[name], pack, stored_models()) for name, pack in packs.items()
    }
    return AuditRoom(opener, {**ledgers, **packed}, packed, packed)


def packs_of(files: Sequence[Path], ledgers: Sequence[str]) -> dict[str, Survey]:
    """Survey the packs of these ledgers, or all where none is named; raises OpeningsRefused."""
    packs: dict[str, Survey] = {}
    for file in files:
        read = partial(lines_of, file)
        if ledgers and of_ledger(read) not in ledgers:
            continue
        found = survey(read)
        if found.head.ledger in packs:
            raise OpeningsRefused(found.head.ledger, "given-twice")
        packs[found.head.ledger] = found
    return packs


def _opening(ledger: str, log: Log, custody: KeyCustody) -> Opening:
    sealing = Sealing(ledger, AesGcmCipher(), custody)
    gone = GoneByLog(log, Opening(ledger, sealing, custody, stored_models()))
    return Opening(ledger, sealing, custody, stored_models(), gone=gone)
