"""Opening a borough's home: its keys, its store, its trust, and its door to the hub."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial

from adapters.assembly import succession
from adapters.assembly.borough_queue import by_queue
from adapters.assembly.identities import WallClock
from adapters.client.borough_store import SqliteBoroughStore
from adapters.client.copies import CopyFiles
from adapters.client.fence_file import FenceFile
from adapters.client.http_hub import HttpHub, HubAddress
from adapters.identity.trust_file import TrustFile
from adapters.keys import encapsulation, signing
from adapters.keys.cipher import AesGcmCipher
from adapters.keys.encapsulation import HybridEncapsulation
from adapters.keys.sealed_file import Purpose, open_sealed
from adapters.keys.signing import Ed25519Signer
from adapters.settings import BoroughHome, borough_home, read_borough
from domain.errors import NotAuthorised, NotFound, NotTrusted, Unavailable
from services.borough.client import BoroughClient
from services.borough.directory import KeyDirectory
from services.borough.linkage import LinkageKey
from services.borough.speaker import BoroughKeys, Means, Reach, RecipientKey, Speaker
from services.client_ports import Wait
from services.ports import Clock
from services.trust import Belief

PATIENCE_S = 60.0
"""How long a command waits for a hub that does not answer, in all, before it gives up for now."""


class Patience:
    """Waits between two tries, until the time that there is has been used up."""

    def __init__(self, seconds: float) -> None:
        """Allow so many seconds in all."""
        self._left = seconds

    def wait(self, seconds: float) -> bool:
        """Wait; False when the time is not there."""
        if seconds > self._left:
            return False
        self._left -= seconds
        time.sleep(seconds)
        return True


def borough_authority(name: str) -> str:
    """Give the three-digit authority code that a borough's returns must bear."""
    return read_borough(borough_home(name)).authority


def borough_source(name: str) -> str:
    """Give the source that a borough publishes as."""
    return read_borough(borough_home(name)).source


@contextmanager
def borough_client(
    name: str,
    passphrase: str,
    *,
    feed: str = "",
    clock: Clock | None = None,
    patience_s: float = PATIENCE_S,
) -> Iterator[BoroughClient]:
    """Open a borough's client; raises HomeNotReady or NotOpened.

    Any body that publishes has such a home; one with several sources names the `feed` it means.
    """
    home = borough_home(name, feed)
    said = read_borough(home)
    speaker = Speaker(
        participant=said.participant,
        source=said.source,
        ledger=said.ledger or said.participant,
        controller=said.participant,
        agreement=said.agreement,
        purpose=said.purpose,
    )
    with ExitStack() as closing:
        store = SqliteBoroughStore(home.store, speaker.source)
        closing.callback(store.close)
        door = HttpHub(HubAddress(said.hub), home.token)
        closing.callback(door.close)
        trust = TrustFile(home.trust)
        directory = KeyDirectory(door, Belief(trust, signing.verify))
        _put_in_use(home, directory)
        keys = _keys(home, passphrase)
        patience = partial(_waiting, patience_s)
        means = Means(
            AesGcmCipher(cached=1),
            HybridEncapsulation(),
            signing.verify,
            clock or WallClock(),
            patience(),
        )
        way = closing.enter_context(by_queue(door, directory, speaker, patience))
        reach = Reach(store, trust, way, FenceFile(home.fences), CopyFiles())
        yield BoroughClient(speaker, keys, means, reach)


def _waiting(seconds: float) -> Wait:
    """Give what waits so long in all."""
    return Patience(seconds).wait


def _put_in_use(home: BoroughHome, directory: KeyDirectory) -> None:
    """Use the successors of our keys from when the hub lists them; until then go on as before."""
    if succession.is_begun(home):
        with suppress(NotFound, NotAuthorised, NotTrusted, Unavailable):
            succession.put_in_use_what_is_listed(home, directory.listed(home.name))


def _keys(home: BoroughHome, passphrase: str) -> BoroughKeys:
    private = _open(home, passphrase, "recipient")
    return BoroughKeys(
        signer=Ed25519Signer(_open(home, passphrase, "signing")),
        own=(RecipientKey(encapsulation.public_of(private), private),),
        digests=_open(home, passphrase, "tag"),
        linkage=_linkage(home, passphrase),
        others=succession.FormerKeys(home, passphrase),
    )


def _linkage(home: BoroughHome, passphrase: str) -> tuple[LinkageKey, ...]:
    """Give the linkage key; a borough that has none yet sends no tokens, and links to nobody."""
    if not home.key_file("linkage").exists():
        return ()
    return (LinkageKey.of(_open(home, passphrase, "linkage")),)


def _open(home: BoroughHome, passphrase: str, purpose: Purpose) -> bytes:
    return open_sealed(home.key_file(purpose), passphrase, purpose=purpose, owner=home.name)
