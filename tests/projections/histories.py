"""Random histories: ledgers in which everything happens that may, and much that may not.

Events are corrected and withdrawn before they come, twice, in forks and in circles; by other
sources, streams and types; entries do not open, cannot be folded, or come under an agreement that
does not cover the purpose.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from typing import Final

from hypothesis import strategies as st

from domain.opened import OpenedEvent
from domain.vocabulary.assessment import AssessmentCompleted
from domain.vocabulary.data_quality import RecordWithdrawn
from domain.vocabulary.figures import FigureReported
from domain.vocabulary.front_door import ReferralReceived
from domain.vocabulary.parts import LinkageToken
from projections.assessments import ASSESSMENTS
from projections.feed_health import FEED_HEALTH
from projections.projection import Contribution, Counting, Projections, Telling
from projections.projection import Told as Said
from projections.referrals import REFERRALS
from tests.projections.builders import (
    AGREEMENT,
    ANOTHER_AGREEMENT,
    Borough,
    Person,
    Told,
    event_id,
    pseudonym,
)

LEDGERS: Final = ("havering", "redbridge")
DAYS: Final = (
    "2023-03-31T22:59:59Z",  # still March in London, an hour into summer time
    "2023-03-31T23:00:00Z",  # April there already
    "2022-12-31T23:59:59.999999Z",
    "2023-01-01T00:00:00+00:00",
    "2023-04-01T00:30:00+01:00",
    "2023-03-31",
    "2023-04-01",
    "2024-02-29",
)
FACTORS: Final = ("13A", "16A", "21")
TOKENS: Final = ("upn a", "upn b", "nhs a")


def _stumble(event: OpenedEvent) -> tuple[Contribution, ...]:
    """A projection that was not written for everything that it is given."""
    if getattr(event.facts, "factors_complete", None) is False:
        raise ValueError
    return ()


STUMBLING: Final = Counting("stumbling", 1, frozenset({AssessmentCompleted.name}), _stumble)


def _figure(event: OpenedEvent) -> Said | None:
    """What a body reported, as it said it; a figure of no use says nothing."""
    facts = event.facts
    if not isinstance(facts, FigureReported.Facts) or facts.numerator == 0:
        return None
    return Said(facts.measure, facts)


FIGURES: Final = Telling(
    "figures", 1, frozenset({FigureReported.name}), _figure, FigureReported.Facts
)
HUBS_OWN: Final = Telling(
    "hub-figures", 1, frozenset({FigureReported.name}), _figure, FigureReported.Facts, purpose=None
)
TELLINGS: Final = (FIGURES, HUBS_OWN)
SMALL: Final = Projections.of(ASSESSMENTS, REFERRALS, FEED_HEALTH, STUMBLING, *TELLINGS)
CELLS: Final = (
    "assessment",
    "assessment:need-unknown",
    "factor:any",
    *(f"factor:{one}" for one in FACTORS),
    "referral",
)


@dataclass(frozen=True, slots=True)
class Move:
    """One entry of one ledger, in numbers that mean something only together."""

    ledger: str
    what: str
    story: Story
    """Whose it is."""
    faithful: bool
    """A faithful correction takes its target's story, a faithful withdrawal withdraws no other."""
    back: int
    """How many entries before this one it names; below zero, one that is to come. A faithless one
    that names an entry to come names itself."""
    child: str
    factors: tuple[str, ...]
    on: str
    covered: bool
    said: tuple[str | None, str | None, bool | None]
    """Age band, sex, and whether disabled; of an erasure, the third says whose keys go: the child's
    alone (None), the story's stream's alone, or both."""
    tokens: tuple[str, ...]
    """Linkage tokens of the child, by word; the same word in two ledgers is one token."""


@dataclass(frozen=True, slots=True)
class Story:
    """What an event and its correction have in common."""

    stream: int
    source: int
    kind: str


WITHDRAWN: Final = Story(-1, -1, "withdrawal")
"""Stands for an entry that is a withdrawal, where a later one is looking for its target."""


ERASED: Final = Story(-2, -2, "erasure")
"""Stands for an entry that says that keys were destroyed."""


LIFTED: Final = Story(-3, -3, "lift")
"""Stands for an entry that lifts a restriction."""
_NEVER_CORRECTED: Final = {WITHDRAWN, ERASED, LIFTED}
_STANDS_FOR: Final = {"withdraw": WITHDRAWN, "erase": ERASED, "lift": LIFTED}


def moves(*, erasing: bool = False, restricting: bool = False) -> st.SearchStrategy[list[Move]]:
    """Give histories in which most entries correct or withdraw others; some erase or restrict."""
    more: tuple[str, ...] = ("restrict",) * 5 + ("lift", "lift", "wait") if restricting else ()
    more += ("erase",) * 8 + ("damaged",) * 3 + ("stumble",) * 2 if erasing else ()
    publish = ("publish",) * 4 + ("correct",) * 5 + ("withdraw",) * 3
    story = st.builds(
        Story,
        stream=st.sampled_from((0, 0, 0, 1, 1, 2, *(() if erasing else (3, 4, 5, 6, 7)))),
        source=st.sampled_from((0,) * 9 + (1,)),
        kind=st.sampled_from(("assessment", "assessment", "assessment", "referral", "figure")),
    )
    return st.lists(
        st.builds(
            Move,
            ledger=st.sampled_from((LEDGERS[0], LEDGERS[0], LEDGERS[1])),
            what=st.sampled_from(
                (
                    *publish * (2 if erasing else 3),
                    *more,
                    "not-openable",
                    "stumble",
                    "odd-withdrawal",
                )
            ),
            story=story,
            faithful=st.sampled_from((True,) * 14 + (False,)),
            back=st.sampled_from((1, 1, 1, 1, 2, 2, 2, 3, 3, 4, 5, -1, -1, -2, -3)),
            child=st.sampled_from(("mia", "noah", *(("ava", "zoe") if erasing else ()))),
            factors=st.sets(st.sampled_from(FACTORS)).map(lambda one: tuple(sorted(one))),
            on=st.sampled_from(DAYS),
            covered=st.sampled_from((True,) * 7 + (False,)),
            said=st.tuples(
                st.sampled_from((None, "1-4", "5-9", "unknown")),
                st.sampled_from((None, "female", "male")),
                st.sampled_from((None, True, False)),
            ),
            tokens=st.sets(st.sampled_from(TOKENS)).map(lambda one: tuple(sorted(one))),
        ),
        min_size=8,
        max_size=30,
    )


def told(history: list[Move]) -> tuple[Borough, ...]:
    """Tell a history to its ledgers."""
    boroughs = {name: Borough(name) for name in LEDGERS}
    stories: dict[str, list[Story]] = {name: [] for name in LEDGERS}
    for move in history:
        borough, come = boroughs[move.ledger], stories[move.ledger]
        at = len(come) - move.back
        if not 0 <= at < len(come):
            at = len(come) + (abs(move.back) if move.faithful else 0)
        if move.what == "lift" and move.faithful:
            at = max((n for n, one in enumerate(come) if one.kind == "restriction"), default=at)
        if move.what == "wait":
            borough.waits_a_day()
        named = come[at] if at < len(come) else None
        if move.what == "restrict":
            come.append(replace(move.story, kind="restriction"))
            _publish(borough, move, come[-1], _how(move, move.story, None))
        elif move.faithful and named in _NEVER_CORRECTED and move.what not in {"erase", "lift"}:
            come.append(move.story)
            _publish(borough, move, move.story, _how(move, move.story, None))
        else:
            story = named if move.what == "correct" and move.faithful and named else move.story
            come.append(_STANDS_FOR.get(move.what, story))
            _tell(borough, move, story, event_id(borough.ledger, at))
    return tuple(boroughs.values())


def _how(move: Move, story: Story, corrects: uuid.UUID | None) -> Told:
    return Told(
        on=move.on,
        stream=f"stream {story.stream}",
        source=f"source-{story.source}",
        agreement=AGREEMENT if move.covered else ANOTHER_AGREEMENT,
        corrects=corrects,
    )


def _tell(borough: Borough, move: Move, story: Story, target: uuid.UUID) -> None:
    how = _how(move, story, target if move.what == "correct" else None)
    if move.what == "not-openable":
        borough.cannot_open(f"stream {story.stream}", f"source-{story.source}")
    elif move.what == "withdraw":
        borough.withdraws(target, how)
    elif move.what == "erase":
        stream = () if move.said[2] is None else (f"stream {move.story.stream}",)
        borough.destroys(*stream, *(() if move.said[2] is False else (move.child,)))
    elif move.what == "lift":
        borough.lifts(target, move.child, how)
    elif move.what == "odd-withdrawal":
        borough.tells(RecordWithdrawn, RecordWithdrawn.Facts(reason="wrong-file"), (), how)
    else:
        _publish(borough, move, story, how)
        if move.what == "damaged":
            has_child = move.covered and story.kind != "figure"
            borough.damages(move.child if has_child else f"stream {story.stream}")


def _publish(borough: Borough, move: Move, story: Story, how: Told) -> None:
    if story.kind == "restriction":
        until = None if move.said[2] is None else f"2023-11-{14 + move.said[2]}"
        others = ["noah"] if move.factors else []
        borough.restricts(*dict.fromkeys([move.child, *others]), until=until, told=how)
    elif story.kind == "referral":
        facts = ReferralReceived.Facts(episode=pseudonym("episode"))
        person = Person(move.child, ReferralReceived.Shared(), linkage=_linkage(move))
        borough.tells(ReferralReceived, facts, [person, *_sibling(move, person)], how)
    elif story.kind == "figure":
        borough.tells(FigureReported, _reported(move, story), (), how)
    else:
        _assess(borough, move, story, how)


def _assess(borough: Borough, move: Move, story: Story, how: Told) -> None:
    facts = AssessmentCompleted.Facts(
        authorisation_date=move.on[:10],
        episode=pseudonym(f"episode {story.stream}"),
        factors_complete=move.what != "stumble",
    )
    band, sex, disabled = move.said
    shared = AssessmentCompleted.Shared.model_validate(
        {"age_band": band, "disabled": disabled, "factors": move.factors, "sex": sex}
    )
    person = Person(move.child, shared, linkage=_linkage(move))
    borough.tells(AssessmentCompleted, facts, [person, *_sibling(move, person)], how)


def _sibling(move: Move, person: Person) -> list[Person]:
    """Give a second child, of whom the same is said, where the first one has two tokens."""
    other = "noah" if person.word == "mia" else "mia"
    return [replace(person, word=other, role="sibling")] if len(move.tokens) > 1 else []


def _reported(move: Move, story: Story) -> FigureReported.Facts:
    return FigureReported.Facts(
        area="E09000016",
        measure=f"measure-{story.stream % 2}",
        numerator=len(move.factors),
        period_end=move.on[:10],
        period_start=move.on[:10],
        published_source="a sheet",
    )


def _linkage(move: Move) -> tuple[LinkageToken, ...]:
    """Give the child's tokens, all under one key; a word's basis is its first three letters."""
    return tuple(
        LinkageToken.model_validate(
            {"basis": word[:3], "key": pseudonym("linkage key"), "token": pseudonym(word)}
        )
        for word in move.tokens
    )
