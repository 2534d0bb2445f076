"""The hub cannot open a restricted part, whatever it holds; its recipients can."""

from __future__ import annotations

import gc
import types
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from adapters.keys.cipher import AesGcmCipher
from adapters.keys.encapsulation import HybridEncapsulation, open_with
from domain.canonical import canonical
from domain.errors import NotFound, NotOpened
from domain.statement import recipient_set
from domain.values import to_bytes
from services.borough.sealing import (
    PartPlace,
    SealedContent,
    SessionName,
    SessionSeal,
    session_info,
)
from services.custody import INDEX_CONTEXT
from tests.fakes_keys import MemoryKeyStore
from tests.hub_rig import KEY_ENCRYPTION_KEY, REDBRIDGE, HubRig, open_rig
from tests.rig_publisher import RESTRICTED, Json, OpenedSession, Publisher, inner, subjects
from tests.rig_recipient import Recipient

BARKING = "/participants/barking-and-dagenham/children-social-care"
PLACE = 2


@dataclass
class Sent:
    """A hub to which Havering sent what Redbridge may open, and Barking and Dagenham may not."""

    rig: HubRig
    havering: Publisher
    redbridge: Publisher
    barking: Publisher
    opening: OpenedSession
    event: Json

    def part(self) -> tuple[PartPlace, SealedContent]:
        """Give the restricted part as it was sent."""
        sealed = inner(subjects(self.event)[0], "restricted")
        content = SealedContent(
            to_bytes(str(sealed["envelope"])), to_bytes(str(sealed["commitment"]))
        )
        return PartPlace(uuid.UUID(str(self.event["id"])), PLACE), content


@pytest.fixture(scope="module")
def sent() -> Iterator[Sent]:
    """Publish an event with a restricted part for two bodies."""
    with open_rig() as rig:
        bodies = [rig.publisher(), rig.publisher(REDBRIDGE), rig.publisher(BARKING)]
        havering, redbridge, barking = bodies
        keys = {one.participant: one.recipient_public for one in (havering, redbridge)}
        opening = havering.session(keys)
        event = havering.move(opening.seal)
        havering.publish(opening.event, event)
        yield Sent(rig, havering, redbridge, barking, opening, event)


def memory_of(root: object) -> list[object]:
    """Give everything that can be reached from an object, as one who dumps the process would.

    What belongs to the interpreter and to every module alike is left out.
    """
    shared = (types.ModuleType, type, types.FunctionType, types.BuiltinFunctionType, types.CodeType)
    reached: dict[int, object] = {}
    waiting = [root]
    while waiting:
        one = waiting.pop()
        if id(one) in reached or isinstance(one, shared):
            continue
        reached[id(one)] = one
        waiting.extend(gc.get_referents(one))
    return list(reached.values())


def bytes_of(root: object) -> set[bytes]:
    """Give every string of bytes, and every text that is base64url, in the memory of an object."""
    found: set[bytes] = set()
    for one in memory_of(root):
        if isinstance(one, bytes | bytearray):
            found.add(bytes(one))
        elif isinstance(one, str):
            found.add(one.encode("utf-8", "surrogatepass"))
            try:
                found.add(to_bytes(one))
            except ValueError:
                continue
    return found


def every_key(rig: HubRig) -> set[bytes]:
    """Give every secret of 32 bytes that the hub holds: its key store is unwrapped row by row.

    Beside them whatever 32 bytes stand anywhere in the borough's ledger or in the key store, and at
    either end of anything in memory.
    """
    store = rig.key_store
    assert isinstance(store, MemoryKeyStore)
    rows = list(store._rows.values())
    unwrapped = rig.custody.held([row.key_id for row in rows])
    assert len(unwrapped) == len(rows)
    keys = {key.secret for key in unwrapped.values()}
    assert store._index_key is not None
    keys.add(rig.custody._encryption.unwrap(store._index_key, INDEX_CONTEXT))
    stored = [row.wrapped for row in rows] + [r.record for r in rig.havering.ledger.read(0, 1000)]
    keys |= {raw[at : at + 32] for raw in stored for at in range(len(raw) - 31)}
    held = [one for one in bytes_of(rig) if len(one) >= 32]
    keys |= {one[:32] for one in held} | {one[-32:] for one in held}
    assert KEY_ENCRYPTION_KEY in keys
    return keys


def test_the_controller_and_a_named_recipient_open_it(sent: Sent) -> None:
    """Each at its own desk, with its own key, after a recorded fetch."""
    for body in (sent.havering, sent.redbridge):
        part = Recipient(sent.rig, body).open("havering", sent.event)
        assert part.content == canonical(RESTRICTED)
        assert part.source == sent.havering.source


def test_another_borough_does_not(sent: Sent) -> None:
    """It is not told that the part exists; and with what a recipient fetched it opens nothing."""
    with pytest.raises(NotFound):
        Recipient(sent.rig, sent.barking).open("havering", sent.event)
    for named in ("havering", "redbridge"):
        with pytest.raises(NotOpened):
            Recipient(sent.rig, sent.barking, named).open("havering", sent.event)
    for recipient in inner(inner(sent.opening.event, "data"), "facts")["recipients"]:  # type: ignore[union-attr]  # a list
        encapsulation = to_bytes(str(recipient["encapsulation"]))  # type: ignore[call-overload, index]  # of objects
        for named in ("havering", "redbridge", "barking-and-dagenham"):
            info = session_info(sent.opening.seal.name, named)
            assert open_with(sent.barking.recipient_private, encapsulation, info) is None


def test_no_key_of_the_hub_opens_it(sent: Sent) -> None:
    """Key store, caches, ledgers and key-encryption key: all that it holds is tried as a key."""
    place, content = sent.part()
    name = sent.opening.seal.name
    associated = sent.opening.seal._under(place)[1]
    cipher = AesGcmCipher()
    keys = every_key(sent.rig)
    assert len(keys) > 10_000
    for key in keys:
        assert cipher.open(key, content.envelope, associated) is None
        under = SessionSeal(name, key, cipher)._under(place)[0]
        assert cipher.open(under, content.envelope, associated) is None


def test_no_private_key_is_in_the_hub_s_memory(sent: Sent) -> None:
    """Nothing of the right length that it holds decapsulates the session's secret."""
    listed = inner(inner(sent.opening.event, "data"), "facts")["recipients"]
    assert isinstance(listed, list)
    held = {one for one in bytes_of(sent.rig) if len(one) == 96}
    for recipient in listed:
        info = session_info(sent.opening.seal.name, str(recipient["participant"]))
        for key in held | {bytes(96)}:
            sealed = to_bytes(str(recipient["encapsulation"]))
            assert HybridEncapsulation().decapsulate(key, sealed, info) is None


def test_neither_secret_nor_content_is_anywhere_in_the_hub(sent: Sent) -> None:
    """Not in its memory, not in its ledgers, and not in what its own keys open of them."""
    rig, (place, _) = sent.rig, sent.part()
    opened = [rig.havering.opening.parts(row) for row in rig.havering.ledger.read(0, 1000)]
    held = bytes_of((rig, opened))
    name = str(RESTRICTED["name"]).encode()
    assert any(b"cross-border-move-notified" in one for one in held)
    secrets = (sent.opening.secret, sent.opening.seal._under(place)[0], canonical(RESTRICTED), name)
    for secret in secrets:
        assert not any(secret in one for one in held)


def test_a_part_is_bound_to_ledger_session_and_recipients(sent: Sent) -> None:
    """Even with the secret it opens at its own place alone: two of anything swapped, and not."""
    place, content = sent.part()
    named = sent.opening.seal.name
    cipher, secret = AesGcmCipher(), sent.opening.secret
    assert SessionSeal(named, secret, cipher).open(place, content) == canonical(RESTRICTED)
    for other in (
        SessionName("redbridge", named.source, named.session, named.recipients),
        SessionName(named.ledger, named.source, bytes(32), named.recipients),
        SessionName(named.ledger, named.source, named.session, ("havering",)),
    ):
        with pytest.raises(NotOpened, match="part 2"):
            SessionSeal(other, secret, cipher).open(place, content)
    for wrong in (PartPlace(uuid.UUID(int=1), PLACE), PartPlace(place.event, 4)):
        with pytest.raises(NotOpened, match=f"part {wrong.number}"):
            SessionSeal(named, secret, cipher).open(wrong, content)
    assert recipient_set(named.recipients) == recipient_set(["redbridge", "havering"])
