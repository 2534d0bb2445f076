"""A witness of our own, and the witnesses that the hub's policy file names."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from starlette.types import ASGIApp

from adapters.assembly.identities import WallClock
from adapters.keys import ceremony
from adapters.keys.checkpoint_key import ALGORITHMS
from adapters.keys.derivation import COST
from adapters.keys.sealed_file import OpenedBy, open_sealed, read_key_file
from adapters.keys.signing import Ed25519Signer
from adapters.log_settings import WitnessHome
from adapters.witnesses import book_file
from adapters.witnesses.application import application, together
from adapters.witnesses.book import opened
from adapters.witnesses.http_witness import TIMEOUT_S, HttpWitness
from domain.checkpoint import NoteSigner
from domain.errors import HomeNotReady
from domain.signed_note import KeyKind, NoteKey, read_vkey
from domain.tlog_policy import Policy, read_policy
from domain.values import to_text
from services.cosigning import AskedWitness
from services.ports import Clock
from services.witness_ports import Evidence
from services.witnessing import Witnessing


@dataclass(frozen=True, slots=True)
class WitnessedLog:
    """One log that a witness serves, for its operator."""

    origin: str
    size: int
    cosigned: str | None
    """When it was last cosigned."""


def make_witness(
    home: WitnessHome, body: str, name: str, opened_by: OpenedBy
) -> tuple[NoteKey, str]:
    """Make a witness of a body: its key file, and the empty book of that key.

    Gives the key that it cosigns with and the fingerprint to read out. Raises HomeNotReady, also
    where a witness stands already: neither key nor book is ever overwritten.
    """
    _note_key(name, bytes(32))  # a name that cannot sign is refused before anything is made
    folder = home.key_file.parent
    made = ceremony.Ceremony(folder, body, opened_by).make(("witness",))
    passphrase = opened_by.passphrase
    secret = open_sealed(home.key_file, passphrase, purpose="witness", owner=body)
    key = _note_key(name, Ed25519Signer(secret).public)
    book_file.create(home.book, key.vkey())
    return key, to_text(made["witness"])


def recovered_by(passphrase: str, recovery: Path, *, cost: int = COST) -> OpenedBy:
    """Say who will open the key file: the passphrase, and the recovery key by its public half."""
    return OpenedBy(passphrase, ceremony.read_public_half(recovery), cost)


def _note_key(name: str, public: bytes) -> NoteKey:
    return NoteKey(name, KeyKind.ED25519_COSIGNATURE, public)


@contextmanager
def open_witness(
    home: WitnessHome, passphrase: str, *, clock: Clock | None = None
) -> Iterator[ASGIApp]:
    """Open a witness with its key and the book of that key; gives what is to be served.

    Raises HomeNotReady without its book, or with one of another key.
    """
    owner = read_key_file(home.key_file).owner
    secret = open_sealed(home.key_file, passphrase, purpose="witness", owner=owner)
    signer = Ed25519Signer(secret)
    with opened(home.book) as book:
        key = read_vkey(book.vkey())
        if key.public != signer.public:
            raise HomeNotReady(f"{home.book}: the book of another witness key than {home.key_file}")
        yield application(
            Witnessing(book, NoteSigner(key, signer.sign), ALGORITHMS, clock or WallClock())
        )


@contextmanager
def open_witnesses(
    homes: Mapping[str, WitnessHome], passphrase: str, *, clock: Clock
) -> Iterator[ASGIApp]:
    """Open several witnesses in one process, each under its name as a path: for demonstrations."""
    with ExitStack() as opened:
        yield together(
            {
                name: opened.enter_context(open_witness(home, passphrase, clock=clock))
                for name, home in homes.items()
            }
        )


def serve_log(home: WitnessHome, vkey: str) -> str:
    """Have a witness serve a log, or believe another key of one that it serves; gives the origin.

    Raises NotProven for what is no log's key.
    """
    key = read_vkey(vkey)
    if key.kind is KeyKind.ED25519_COSIGNATURE:
        raise HomeNotReady("this is the key of a witness, not of a log")
    with opened(home.book) as book:
        book.add_log(key)
    return key.name


def witness_status(home: WitnessHome) -> tuple[str, list[WitnessedLog], list[Evidence]]:
    """Give a witness's key, the logs that it serves, and what it keeps against them."""
    with opened(home.book) as book:
        logs = []
        for origin in book.origins():
            known = book.log(origin)
            if known is not None:
                when = None if known.note is None else _instant(known.seconds)
                logs.append(WitnessedLog(origin, known.tree.size, when))
        return book.vkey(), logs, book.evidence()


def _instant(seconds: int) -> str:
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def policy_of(path: Path) -> Policy:
    """Read the policy file; raises HomeNotReady or NotProven."""
    try:
        raw = path.read_bytes()
    except OSError:
        raise HomeNotReady(f"{path}: no policy file to be read") from None
    return read_policy(raw)


@contextmanager
def asked_witnesses(
    policy: Policy, *, patience_s: float = TIMEOUT_S
) -> Iterator[tuple[AskedWitness, ...]]:
    """Open the way to every witness of a policy that has an address.

    One without is believed for what it cosigned, and asked no more: it was replaced. Raises
    HomeNotReady where no witness has one.
    """
    doors: list[HttpWitness] = []
    asked: list[AskedWitness] = []
    try:
        for name, witness in policy.witnesses.items():
            if witness.url is None:
                continue
            doors.append(HttpWitness(witness.url, timeout_s=patience_s))
            asked.append(AskedWitness(name, witness.key, doors[-1]))
        if policy.witnesses and not asked:
            raise HomeNotReady("no witness of the policy file has an address to be asked at")
        yield tuple(asked)
    finally:
        for door in doors:
            door.close()
