"""Opening a hub's home for audit: live or a copy, by its keys, and never to write.

What is folded anew is put into a folder that is thrown away, never into the home.
"""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from adapters.assembly.hub import VERSIONS, folding_rules, stored_models
from adapters.assembly.ledgers import ledgers_of
from adapters.identity.trust_file import TrustFile
from adapters.keys.cipher import AesGcmCipher
from adapters.keys.key_encryption import KeyEncryptionFile
from adapters.keys.sealed_file import open_sealed
from adapters.keys.store_reading import ReadOnlyKeyStore
from adapters.ledger.sqlite import SqliteLedger
from adapters.ledger.sqlite_reading import ReadOnlySqliteLedger
from adapters.settings import HubHome
from adapters.views.reading import live_views
from adapters.views.schema import create
from adapters.views.sqlite import SqliteViews
from domain.errors import HomeNotReady, NotFound
from domain.reference.participants import PARTNERSHIP
from services.answering import Answering, Means
from services.audit.asking import Listening, NobodyAsks
from services.audit.replaying import Moment, Prefix, Progress, at, moment_of, replay
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
    ledgers: Mapping[str, SqliteLedger]
    openings: Mapping[str, Opens]

    def live(self) -> ViewReader | None:
        """Give the live views; None where there are none. Raises HomeNotReady, Unavailable."""
        return live_views(self.home.views, VERSIONS)

    def folded(self) -> dict[str, int]:
        """Give how far the live views have come; nothing where there are none."""
        live = self.live()
        return {} if live is None else {name: live.position(name) for name in self.ledgers}

    def registry(self, ledgers: Mapping[str, Prefix], moment: Moment) -> Registry:
        """Give what was registered and in force at a moment."""
        opening = self.openings[PARTNERSHIP]
        return Registry(ledgers[PARTNERSHIP], opening, TrustFile(self.home.trust), moment)

    def ledger_of(self, borough: str, now_ms: int) -> str:
        """Give the name of a borough's ledger; raises NotFound."""
        moment = moment_of(self.ledgers, now_ms, {})
        registry = self.registry(at(self.ledgers, moment), moment)
        found = registry.participants().participant(borough, registry.today())
        if found is None or found.ledger is None:
            raise NotFound("borough")
        return found.ledger


@contextmanager
def open_audit(home: HubHome, passphrase: str) -> Iterator[AuditRoom]:
    """Open a home by its keys; raises HomeNotReady or NotOpened. Nothing is made or changed."""
    with ExitStack() as closing:
        ledgers = closing.enter_context(ledgers_of(home, opened_as=ReadOnlySqliteLedger))
        secret = open_sealed(
            home.key_file("key-encryption"), passphrase, purpose="key-encryption", owner=PARTNERSHIP
        )
        store = ReadOnlyKeyStore(home.key_store)
        closing.callback(store.close)
        custody = KeyCustody(store, KeyEncryptionFile(secret))
        yield AuditRoom(home, ledgers, {name: _opening(name, custody) for name in ledgers})


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
    ledgers = at(room.ledgers, moment)
    registry = room.registry(ledgers, moment)
    if not moment.sizes.get(PARTNERSHIP):
        raise HomeNotReady("nothing was registered by then: the partnership's ledger was empty")
    with tempfile.TemporaryDirectory(prefix="bhr-replay-") as folder:
        path = Path(folder) / "views.sqlite"
        create(path, VERSIONS)
        views = SqliteViews(path, versions=VERSIONS, key=secrets.token_bytes(32))
        replay(ledgers, views, folding_rules(room.openings, registry), tell)
        listening = Listening(views)
        means = Means(lambda: listening, room.ledgers, VERSIONS)
        querying = Querying(Answering(means, registry, NobodyAsks()))
        yield Replayed(moment, listening, registry, querying)
