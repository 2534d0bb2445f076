"""Past answers, replayed: a home's ledgers are folded to what each was made from, and asked again.

Answers that were made from the same are asked of the same views.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from adapters.assembly.audit import AuditRoom
from adapters.assembly.folding import VERSIONS
from adapters.assembly.replaying import folded_again
from adapters.keys import signing
from domain.answered import Answered, answered
from domain.canonical import JsonValue
from services.answering import Means
from services.audit.answers import (
    Again,
    AnsweringAgain,
    moment_of_answer,
    not_to_be_read,
    told_by,
)
from services.audit.comparing import Comparison, against_live
from services.audit.replaying import Moment, Progress
from services.deciding import Deciding
from services.erasures import InLedgers
from services.reading import Entitlements
from services.registry import Registry

Answer = Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class GivenAgain:
    """An answer as it is given again, from what, and whether the live views say the same."""

    answer: Answer
    moment: Moment
    comparison: Comparison
    refused: str | None
    """Why it might not be read by what was registered then; None where it might."""


def given_again(
    room: AuditRoom, documents: Sequence[Answer], tell: Progress
) -> Iterator[GivenAgain]:
    """Ask again what past answers say that they were asked, in their order.

    Raises AnswerRefused for one that cannot be asked, HomeNotReady for what nothing opens.
    """
    asked = [(answered(one), told_by(one)) for one in documents]
    dated = [(past, moment_of_answer(past, room.ledgers, told)) for past, told in asked]
    for moment, alike in groupby(dated, key=lambda one: one[1]):
        yield from _of_one_moment(room, moment, [past for past, _ in alike], tell)


def _of_one_moment(
    room: AuditRoom, moment: Moment, asked: Sequence[Answered], tell: Progress
) -> Iterator[GivenAgain]:
    with folded_again(room, moment, tell) as folded:
        later = InLedgers(room.ledgers, room.openings)
        means = Means(lambda: folded.store, room.ledgers, VERSIONS, later)
        entitled = _entitlements(room, folded.registry)
        for past in asked:
            folded.store.counted.clear()
            folded.store.heard.clear()
            answer = Again.over(AnsweringAgain(means, folded.registry, past)).answer(past)
            live = against_live(folded.store, room.live, past.positions, as_asked=True)
            yield GivenAgain(answer, moment, live, not_to_be_read(past, entitled))


def _entitlements(room: AuditRoom, registry: Registry) -> Entitlements:
    """Decide as the hub did; who signed an agreement is asked only where there is trust to ask."""
    if not room.knows_whom_to_trust():
        return Entitlements(registry, lambda *_: True)
    return Entitlements(registry, Deciding(registry, signing.verify).is_bound)
