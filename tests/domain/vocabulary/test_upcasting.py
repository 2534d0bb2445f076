"""An older version is read as the current one: a pair that only these tests know."""

from typing import Literal

import pytest
from pydantic import Field

from domain.values import Day
from domain.vocabulary.catalogue import Catalogue
from domain.vocabulary.parts import CaseFacts, FactsPart, Kind, SharedPart
from domain.vocabulary.upcasting import Upcast


class VisitMade(Kind, name="visit-made"):
    """The first version: a day, and whether the child was seen."""

    class Facts(CaseFacts):
        """What was known first."""

        visit_day: Day = Field(description="when")

    class Shared(SharedPart):
        """What was known first."""

        seen: bool = Field(description="the child was seen")


class VisitMadeAgain(Kind, name="visit-made", version=2):
    """The second version: the day has another name, and seeing has an unknown."""

    class Facts(CaseFacts):
        """What is known now."""

        visited: Day = Field(description="when")

    class Shared(SharedPart):
        """What is known now."""

        seen: Literal["alone", "yes", "no"] = Field(description="the child was seen, or seen alone")


class VisitMadeAtLast(Kind, name="visit-made", version=3):
    """The third version has the facts of the second, and says where."""

    Facts = VisitMadeAgain.Facts

    class Shared(VisitMadeAgain.Shared):
        """What is known at last."""

        place: Literal["home", "elsewhere", "unknown"] = Field(description="where")


def renamed_day(facts: FactsPart) -> FactsPart:
    """Give the second version's facts."""
    old = facts.model_dump(exclude_unset=True)
    return VisitMadeAgain.Facts.model_validate({"visited": old.pop("visit_day"), **old})


def graded_sight(shared: SharedPart) -> SharedPart:
    """Give the second version's shared part: nobody knew yet who was seen alone."""
    old = shared.model_dump(exclude_unset=True)
    return VisitMadeAgain.Shared.model_validate({**old, "seen": "yes" if old["seen"] else "no"})


def unknown_place(shared: SharedPart) -> SharedPart:
    """Give the third version's shared part: where, was not asked before."""
    old = shared.model_dump(exclude_unset=True)
    return VisitMadeAtLast.Shared.model_validate({**old, "place": "unknown"})


CATALOGUE = Catalogue(
    kinds=(VisitMade, VisitMadeAgain, VisitMadeAtLast),
    upcasts=(
        Upcast("visit-made", 1, renamed_day, graded_sight),
        Upcast("visit-made", 2, shared=unknown_place),
    ),
)


@pytest.mark.parametrize(("seen", "lifted"), [(True, "yes"), (False, "no")])
def test_the_oldest_version_is_read_as_the_newest(seen: bool, lifted: str) -> None:  # noqa: FBT001 - a case of the table
    """Every step is taken, in order, and what was said stays said."""
    facts = VisitMade.Facts(family_view_recorded=True, visit_day="2024-02-29")
    shared = VisitMade.Shared(age_band="5-9", seen=seen)
    assert CATALOGUE.upcast_facts(VisitMade, facts) == VisitMadeAtLast.Facts(
        family_view_recorded=True, visited="2024-02-29"
    )
    assert CATALOGUE.upcast_shared(VisitMade, shared).model_dump(exclude_unset=True) == {
        "age_band": "5-9",
        "place": "unknown",
        "seen": lifted,
    }


def test_the_current_version_is_read_as_it_is() -> None:
    """What needs no lifting is given back untouched."""
    facts = VisitMadeAtLast.Facts(visited="2024-02-29")
    shared = VisitMadeAtLast.Shared(place="home", seen="alone")
    assert CATALOGUE.upcast_facts(VisitMadeAtLast, facts) is facts
    assert CATALOGUE.upcast_shared(VisitMadeAtLast, shared) is shared


def test_lifting_leaves_what_was_recorded_alone() -> None:
    """Events are never rewritten: the old part has the same bytes afterwards."""
    facts = VisitMade.Facts(visit_day="2024-02-29")
    before = facts.canonical()
    first = CATALOGUE.upcast_facts(VisitMade, facts)
    assert CATALOGUE.upcast_facts(VisitMade, facts) == first
    assert facts.canonical() == before == b'{"visit_day":"2024-02-29"}'
