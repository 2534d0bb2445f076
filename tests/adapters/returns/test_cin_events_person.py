"""What events say of the child: ages at the day, groups, and what stays restricted."""

from __future__ import annotations

import pytest

from adapters.returns import cin_codes
from adapters.returns.cin_events_person import Person
from tests.adapters.returns.census import (
    census,
    child,
    children_of,
    drafts,
    episode,
    only,
    remarks,
    restricted,
    shared,
    told_by,
)

UPN = "H801200001001"


@pytest.mark.parametrize(
    ("born", "band"),
    [
        ("2022-05-03", "unborn"),
        ("2022-05-02", "under-1"),
        ("2021-05-03", "under-1"),
        ("2021-05-02", "1-4"),
        ("2017-05-03", "1-4"),
        ("2017-05-02", "5-9"),
        ("2012-05-02", "10-15"),
        ("2006-05-02", "16-17"),
        ("2004-05-03", "16-17"),
        ("2004-05-02", "18-24"),
        ("1997-05-03", "18-24"),
    ],
)
def test_age_is_that_of_the_day(born: str, band: str) -> None:
    """Given a date of birth: the band is that of the day of the event, birthdays included."""
    events = told_by(episode(), born=born)
    (told,) = events.told
    assert shared(told.draft)["age_band"] == band


def test_two_events_of_one_child_may_have_two_ages() -> None:
    """Given a birthday between referral and closure: each event has the age of its own day."""
    events = told_by(episode(CINclosureDate="2022-06-01"), born="2017-05-20")
    assert shared(only(events, "referral-received"))["age_band"] == "1-4"
    assert shared(only(events, "case-closed"))["age_band"] == "5-9"


def test_an_age_that_no_band_holds_is_not_told() -> None:
    """Given a person of twenty-five: no band, and a note."""
    events = told_by(episode(), born="1997-05-02")
    assert "age_band" not in shared(only(events, "referral-received"))
    place = "Child[1]/ChildIdentifiers/PersonBirthDate"
    assert remarks(events) == [("age-outside-all-bands", "noted", place)]


def test_without_any_date_no_age_is_told() -> None:
    """Given neither birth nor expected birth: no band stands for it."""
    assert "age_band" not in shared(only(told_by(episode(), born=None), "referral-received"))


@pytest.mark.parametrize(
    ("code", "group"),
    [
        ("WROM", "white"),
        ("MWBC", "mixed"),
        ("CHNE", "asian"),
        ("BAFR", "black"),
        ("OOTH", "other"),
        ("REFU", "unknown"),
        ("NOBT", "unknown"),
    ],
)
def test_ethnicity_is_shared_as_a_group(code: str, group: str) -> None:
    """Given an ethnicity: the group is shared, the code stays restricted."""
    draft = only(told_by(episode(), ethnicity=code), "referral-received")
    assert shared(draft)["ethnic_group"] == group
    assert restricted(draft)["ethnicity_code"] == code


def test_every_ethnicity_has_a_group() -> None:
    """No code of the list is left without a group, and none is grouped on the quiet."""
    children = children_of(
        census(*(child(number=code, ethnicity=code) for code in cin_codes.ETHNICITIES))
    )
    groups = [shared_group(Person(each)) for each in children]
    assert None not in groups
    assert len(groups) == len(cin_codes.ETHNICITIES)


def shared_group(person: Person) -> object:
    """Give the group that a person would be told with."""
    return person._shared.get("ethnic_group")


@pytest.mark.parametrize(
    ("codes", "told"), [(("NONE",), False), (("LD",), True), (("NONE", "LD"), True), ((), None)]
)
def test_disabled_is_what_is_recorded(codes: tuple[str, ...], *, told: bool | None) -> None:
    """Given disabilities: none is no, any other is yes, and nothing recorded is not told."""
    (only_one,) = children_of(census(child(episode(), disabilities=codes)))
    assert Person(only_one)._shared.get("disabled") is told


def test_a_disability_that_was_not_understood_is_not_none() -> None:
    """Given a code that is in no list beside NONE: it is not said that there is none."""
    (only_one,) = children_of(census(child(episode(), disabilities=("NONE", "WAVY"))))
    assert "disabled" not in Person(only_one)._shared


def test_none_beside_others_is_noted() -> None:
    """Given NONE beside a disability: the contradiction is noted."""
    (only_one,) = children_of(census(child(episode(), disabilities=("NONE", "LD"))))
    assert Person(only_one)._shared["disabled"] is True


def test_what_identifies_stays_restricted() -> None:
    """Given numbers and dates: all of them are restricted, in capitals, and none is shared."""
    draft = only(
        told_by(
            episode(),
            UPN=UPN.lower(),
            FormerUPN="B801200002002",
            UPNunknown="UN3",
            disabilities=("MOB", "AUT"),
        ),
        "referral-received",
    )
    assert restricted(draft) == {
        "date_of_birth": "2012-05-01",
        "disability_codes": ("AUT", "MOB"),
        "ethnicity_code": "WBRI",
        "family_view": "not-recorded",
        "former_upn": "B801200002002",
        "local_id": "A-1",
        "upn": UPN,
        "upn_unknown": "UN3",
    }
    assert set(shared(draft)) == {"age_band", "disabled", "ethnic_group", "sex"}


def test_a_permanent_number_links() -> None:
    """Given a pupil number and a former one: the present one alone may link the child."""
    draft = only(
        told_by(episode(), UPN=UPN.lower(), FormerUPN="B801200002002"), "referral-received"
    )
    assert draft.subjects[0].linkage == (("upn", UPN),)


def test_a_temporary_number_does_not_link() -> None:
    """Given a number that ends in a letter: it is restricted, noted, and links nobody."""
    events = told_by(episode(), UPN="H80120000100A")
    draft = only(events, "referral-received")
    assert draft.subjects[0].linkage == ()
    assert restricted(draft)["upn"] == "H80120000100A"
    assert remarks(events) == [
        ("temporary-upn-not-linked", "noted", "Child[1]/ChildIdentifiers/UPN")
    ]


def test_a_date_that_no_event_can_name_is_refused() -> None:
    """Given a birth in 2100: it is not told, and reported where it stands."""
    events = told_by(episode(), born="2100-01-01")
    assert "date_of_birth" not in restricted(drafts(events, "referral-received")[0])
    place = "Child[1]/ChildIdentifiers/PersonBirthDate"
    assert ("date-beyond-2099", "refused", place) in remarks(events)
