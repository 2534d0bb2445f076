"""Which keys of a ledger were destroyed, read without any key.

`key-destroyed` is sealed like every event, under keys that are newer than any backup of the key
store that matters here: a store that was restored could not read what it has to destroy again. So
the submission that raises a fence says it a second time where nothing is sealed, in the row of its
answer, in the same transaction:

    answer := canonical JSON {"destroyed": [key id, …], "fenced": [tag, …]}

Key ids are random, and tags are keyed: they say nothing of a person. As many submissions must say
so as the ledger's head counts fences, or the ledger is not whole enough to restore keys by.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from domain.canonical import JsonValue, canonical, strict_json
from domain.errors import HomeNotReady
from domain.logged_checkpoint import is_event
from domain.record import Attestation, decode_record
from domain.statement import PartClass
from domain.values import to_bytes
from domain.vocabulary.custody import KeyDestroyed
from services.ports import Ledger
from services.preparing import PreparedEvent

_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class Fences:
    """What was destroyed in one ledger, and the tags that never have a key again."""

    keys: tuple[bytes, ...]
    tags: tuple[bytes, ...]


def fence_note(events: Sequence[PreparedEvent]) -> bytes:
    """Give what a submission that raises a fence says of it in the clear."""
    destroyed: list[JsonValue] = []
    fenced: list[JsonValue] = []
    for event in events:
        if json.loads(event.header)["type"] == KeyDestroyed.type_name():
            (facts,) = (one.content for one in event.parts if one.part_class is PartClass.FACTS)
            said = json.loads(facts)
            destroyed += said["keys"]
            fenced += said["fenced"]
    return canonical({"destroyed": destroyed, "fenced": fenced})


def fences_of(ledger: Ledger) -> Fences:
    """Give every key that a ledger says was destroyed; raises HomeNotReady unless all are told."""
    found = [note for note in map(_read, _answers(ledger)) if note is not None]
    if len(found) != ledger.head().fences:
        raise HomeNotReady(
            f"the ledger {ledger.name} counts {ledger.head().fences} fences and tells of "
            f"{len(found)}: restore a whole copy of it before its keys"
        )
    return Fences(
        tuple(key for note in found for key in note.keys),
        tuple(tag for note in found for tag in note.tags),
    )


def _answers(ledger: Ledger) -> Iterator[bytes]:
    """Give the stored answer of each submission of the hub's own."""
    met = None
    at = 0
    while entries := ledger.read(at, _AT_ONCE):
        for entry in entries:
            if not is_event(entry.record):
                continue
            leaf = decode_record(entry.record).leaf
            # One transaction's entries stand together, so a submission is met once.
            if leaf.attestation is Attestation.HUB and leaf.submission != met:
                met = leaf.submission
                stored = ledger.answered(leaf.submission)
                if stored is not None:
                    yield stored[1]
        at = entries[-1].position + 1


def _read(answer: bytes) -> Fences | None:
    """Read a note; None for the answer of anything else."""
    try:
        said = strict_json(answer)
    except ValueError:
        return None
    if not isinstance(said, dict) or set(said) != {"destroyed", "fenced"}:
        return None
    destroyed, fenced = said["destroyed"], said["fenced"]
    if not isinstance(destroyed, list) or not isinstance(fenced, list):
        return None
    return Fences(
        tuple(to_bytes(str(one)) for one in destroyed), tuple(to_bytes(str(one)) for one in fenced)
    )
