"""A part that was erased is missing from a pack as well: absent where the ledger says so itself."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from domain.errors import OpeningsRefused
from domain.opened import OpenedEvent
from domain.values import to_text
from domain.vocabulary.custody import KeyDestroyed
from tests.hub_rig import open_rig
from tests.services.audit.test_packed import Copy, Desk, opened_by, resealed, respelt


@pytest.fixture
def desk() -> Iterator[Desk]:
    """Give an operator with events to hand over."""
    with open_rig() as rig:
        yield Desk(rig)


def destroy(desk: Desk, key: bytes) -> None:
    """Record that a key was destroyed, and let the auditor's copy hold that."""
    facts = KeyDestroyed.Facts(
        fence=1,
        fenced=(to_text(bytes(32)),),
        key_class="subject",
        keys=(to_text(key),),
        lapses="2030-01-01",
    )
    desk.rig.hub_events.append("havering", desk.rig.hub_events.made(KeyDestroyed, facts))
    desk.copy = Copy(desk.rig.havering.ledger.read(0, 1_000))


def without_subject(desk: Desk) -> tuple[bytes, list[bytes]]:
    """Make a pack, and leave the shared part of its second event out; gives that part's key too."""
    lines: list[bytes] = []
    desk.make(lines)
    event = desk.rig.havering.opening.event(desk.copy.entries[1])
    key = dict(event.keys)[1]
    parts = [
        {"number": one["number"]} if one["number"] == 1 else one
        for one in json.loads(lines[2])["parts"]
    ]
    return key, [*lines[:2], respelt(lines[2], parts=parts), *lines[3:]]


def test_a_part_of_a_destroyed_key_is_absent(desk: Desk) -> None:
    """The rest of its event opens, and so does every other."""
    event = desk.rig.havering.opening.event(desk.copy.entries[1])
    destroy(desk, dict(event.keys)[1])
    _, lines = without_subject(desk)
    opened = opened_by(desk.packed(resealed(lines)))
    events = [one for one in opened if isinstance(one, OpenedEvent)]
    assert events[1].subjects[0].pseudonym is None
    assert events[1].facts == event.facts
    assert all(one.subjects[0].pseudonym for one in events if one.subjects and one is not events[1])


def test_a_part_of_another_key_is_withheld_all_the_same(desk: Desk) -> None:
    """That some key was destroyed explains no part that stood under another one."""
    destroy(desk, bytes(32))
    _, lines = without_subject(desk)
    with pytest.raises(OpeningsRefused, match="part-withheld"):
        opened_by(desk.packed(resealed(lines)))
