"""Header, facts, shared and restricted parts are apart, whichever way somebody mixes them."""

from collections.abc import Callable
from typing import Annotated, Literal

import pytest
from pydantic import Field, StringConstraints, ValidationError

from domain.values import Day, Strict
from domain.vocabulary.assessment import AssessmentCompleted
from domain.vocabulary.catalogue import STANDARD
from domain.vocabulary.parts import (
    IDENTIFYING,
    CaseFacts,
    FactsPart,
    Kind,
    RestrictedPart,
    SharedPart,
    Text,
)

every_kind = pytest.mark.parametrize("kind", STANDARD.kinds, ids=lambda kind: kind.name)


def test_a_restricted_field_cannot_be_declared_shared() -> None:
    """First place: a kind whose shared part names a date of birth cannot be defined at all."""

    class Shared(SharedPart):
        date_of_birth: Day | None = None

    with pytest.raises(TypeError, match=r"Shared\.date_of_birth belongs in restricted"):
        _kind_with_shared(Shared)


def test_a_restricted_field_cannot_be_given_to_a_shared_part() -> None:
    """Second place: a shared part made in code refuses it; a type checker does so before."""
    with pytest.raises(ValidationError) as refusal:
        AssessmentCompleted.Shared(date_of_birth="2015-05-05")  # type: ignore[call-arg]  # the mistake
    assert [one["type"] for one in refusal.value.errors()] == ["extra_forbidden"]
    assert "2015-05-05" not in str(refusal.value)


def test_a_restricted_field_cannot_be_parsed_into_a_shared_part() -> None:
    """Third place: a shared part read from JSON refuses it, and does not repeat the value."""
    with pytest.raises(ValidationError) as refusal:
        AssessmentCompleted.Shared.model_validate_json(b'{"date_of_birth":"2015-05-05"}')
    assert [one["type"] for one in refusal.value.errors()] == ["extra_forbidden"]
    assert "2015-05-05" not in str(refusal.value)


def _kind_with_shared(part: type[SharedPart]) -> None:
    class Mixed(Kind, name="thing-mixed"):
        """A kind with a shared part that it must not have."""

        Shared = part


def _kind_with_facts(part: type[FactsPart]) -> None:
    class Mixed(Kind, name="thing-mixed"):
        """A kind with facts that it must not have."""

        Facts = part


@every_kind
def test_no_kind_has_one_field_both_restricted_and_read_by_the_hub(kind: type[Kind]) -> None:
    """What only recipients may read has no place in what the hub reads, kind by kind."""
    restricted = set(kind.Restricted.model_fields)
    assert not restricted & set(kind.Shared.model_fields)
    assert not kind.about_a_person or not restricted & set(kind.Facts.model_fields)
    assert not IDENTIFYING & (set(kind.Shared.model_fields) | _read_of_persons(kind))


def _read_of_persons(kind: type[Kind]) -> set[str]:
    return set(kind.Facts.model_fields) if kind.about_a_person else set()


def test_everything_restricted_by_nature_is_known_to_identify() -> None:
    """No field of the restricted part could be declared in another part by anybody."""
    assert set(RestrictedPart.model_fields) <= IDENTIFYING


def test_a_field_restricted_by_its_kind_cannot_be_its_fact() -> None:
    """A name that a kind restricts is restricted for all of that kind."""

    class Told(RestrictedPart):
        verdict: Text | None = None

    class Facts(CaseFacts):
        verdict: Literal["yes", "no"] | None = None

    facts = Facts
    with pytest.raises(TypeError, match=r"Facts\.verdict belongs in restricted"):

        class Mixed(Kind, name="thing-mixed"):
            """A kind that says the same thing openly and in confidence."""

            Facts = facts
            Restricted = Told


class Nested(Strict):
    """An entry that hides a text."""

    remark: Text


class Hidden(Strict):
    """An entry that hides a name."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z]+$")]


class PlainText(SharedPart):
    """Text as it comes."""

    remark: str


class LongText(SharedPart):
    """Our own type of text, optional."""

    remark: Text | None = None


class ListOfText(SharedPart):
    """Text inside an optional list."""

    remarks: tuple[Text, ...] | None = None


class NestedText(SharedPart):
    """Text inside an entry of a list."""

    entries: tuple[Nested, ...] = ()


class NestedName(SharedPart):
    """A name inside an entry."""

    entry: Hidden | None = None


class EitherText(SharedPart):
    """Text or a number."""

    remark: Annotated[str, Field(max_length=10)] | int


class MappedText(SharedPart):
    """Names and texts of the sender's own choice."""

    remarks: dict[Literal["a"], Literal["b"]]


class Anything(SharedPart):
    """Whatever comes."""

    remark: object


@pytest.mark.parametrize(
    "part",
    [PlainText, LongText, ListOfText, NestedText, NestedName, EitherText, MappedText, Anything],
)
def test_free_text_about_a_person_cannot_be_declared(part: type[SharedPart]) -> None:
    """However deep a text or a name is hidden in a shared part, the declaration is refused."""
    with pytest.raises(TypeError, match="restricted"):
        _kind_with_shared(part)


class TextInFacts(CaseFacts):
    """Facts with a text."""

    remark: Text


def test_facts_about_a_person_hold_no_text_either() -> None:
    """Facts stay when a subject's key is gone, so nothing that describes may be in them."""
    with pytest.raises(TypeError, match=r"TextInFacts\.remark is free text"):
        _kind_with_facts(TextInFacts)


def test_facts_about_no_person_may_hold_text() -> None:
    """An explanation of a figure is text, and has no subject."""

    class Explained(Kind, name="thing-explained", about_a_person=False):
        """A kind that is about no person."""

        Facts = TextInFacts

    assert Explained.Facts is TextInFacts
    assert not Explained.takes_subjects(1)


def test_an_event_about_no_person_has_no_case_facts() -> None:
    """Nobody's family view is asked for where there is no family."""

    class Closed(Kind, name="thing-closed", about_a_person=False):
        """A kind that says nothing of its own."""

    class Opened(Kind, name="thing-opened"):
        """A kind about a person that says nothing of its own."""

    assert not Closed.Facts.model_fields
    assert set(Opened.Facts.model_fields) == {"family_view_recorded"}


@every_kind
def test_every_part_is_frozen_strict_and_closed(kind: type[Kind]) -> None:
    """No part can be changed, none takes what it does not name, none bends a value into shape."""
    for part in (kind.Facts, kind.Shared, kind.Restricted):
        assert part.model_config["frozen"] is True
        assert part.model_config["extra"] == "forbid"
        assert part.model_config["strict"] is True
        assert part.model_config["hide_input_in_errors"] is True
        assert list(part.model_fields) == sorted(part.model_fields)
        assert all(name.isascii() for name in part.model_fields)


CHANGES: list[Callable[[AssessmentCompleted.Shared], None]] = [
    lambda part: setattr(part, "in_need", "no"),
    lambda part: setattr(part, "remark", "x"),
    lambda part: delattr(part, "in_need"),
]


@pytest.mark.parametrize("change", CHANGES, ids=["set", "add", "remove"])
def test_a_part_cannot_be_changed(change: Callable[[AssessmentCompleted.Shared], None]) -> None:
    """What was parsed is what is committed to, and nobody changes it in between."""
    part = AssessmentCompleted.Shared(factors=("16A", "3A"), in_need="yes")
    with pytest.raises(ValidationError):
        change(part)
    assert part.canonical() == b'{"factors":["16A","3A"],"in_need":"yes"}'
