"""What the source says now against what was published: each change has its own consequence."""

import uuid
from collections.abc import Iterable
from dataclasses import replace

from services.borough.drafting import Draft, Tagged, Tagging
from services.borough.reconciling import Step, held, reconcile
from services.client_ports import Published
from tests.services.borough.boroughs import assessment, referral

TAGGING = Tagging(b"k" * 32, "/participants/havering/social-care")


def tagged(draft: Draft, index: int = 0) -> Tagged:
    """Judge a draft."""
    found = TAGGING.tagged(index, draft)
    assert isinstance(found, Tagged), found
    return found


def row(draft: Draft, number: int = 1, **changes: object) -> Published:
    """Build the row of a draft that was published."""
    one = tagged(draft)
    made = Published(
        event=uuid.UUID(int=number),
        sequence=number,
        submission=uuid.UUID(int=0),
        kind=draft.kind.name,
        scope="cin-census",
        person=draft.person(),
        key=one.key,
        stream=one.stream,
        time=draft.time,
        fact=one.fact,
        digest=one.digest,
        likeness=one.likeness,
        state="recorded",
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # each test names a field's own


def planned(
    drafts: Iterable[Draft], standing: Iterable[Published] = (), missing: Iterable[Published] = ()
) -> list[Step]:
    """Plan drafts against rows."""
    by_fact: dict[bytes, list[Published]] = {}
    for one in standing:
        by_fact.setdefault(one.fact, []).append(one)
    return reconcile([tagged(one, at) for at, one in enumerate(drafts)], by_fact, list(missing))


def test_nothing_published_is_new() -> None:
    """A fact that was never told is told."""
    (step,) = planned([referral()])
    assert (step.change, step.withdraw, step.supersedes) == ("new", (), None)
    assert step.makes_an_event()


def test_the_same_is_nothing() -> None:
    """What stands as it is told again makes no event."""
    (step,) = planned([referral()], [row(referral())])
    assert step.change == "unchanged"
    assert not step.makes_an_event()


def test_another_value_is_a_correction_of_the_last() -> None:
    """A changed value supersedes the fact's last event, and stays in the fact's scope."""
    rows = [row(referral(), 1), row(referral(source_code="1A"), 2, supersedes=uuid.UUID(int=1))]
    (step,) = planned([referral(source_code="1B")], rows)
    assert (step.change, step.supersedes, step.scope) == (
        "corrected",
        uuid.UUID(int=2),
        "cin-census",
    )


def test_what_is_still_on_its_way_is_not_pointed_at() -> None:
    """A correction in the outbox may be refused: the next points at what the hub has."""
    first = uuid.UUID(int=1)
    rows = [
        row(referral(), 1),
        row(referral(source_code="1A"), 2, state="pending", supersedes=first),
    ]
    (step,) = planned([referral(source_code="1B")], rows)
    assert step.supersedes == first


def test_the_last_word_lies_deepest() -> None:
    """The deepest correction stands: where one on its way lies deeper, the next names that one."""
    first, second, third = (uuid.UUID(int=number) for number in (1, 2, 3))
    rows = [
        row(referral(), 1),
        row(referral(source_code="1A"), 2, state="pending", supersedes=first),
        row(referral(source_code="1C"), 3, state="pending", supersedes=second),
    ]
    (step,) = planned([referral(source_code="1B")], rows)
    assert step.supersedes == third


def test_the_first_on_its_way_is_pointed_at() -> None:
    """When nothing is recorded yet the correction is of what was sent."""
    (step,) = planned([referral(source_code="1B")], [row(referral(), 1, state="pending")])
    assert (step.change, step.supersedes) == ("corrected", uuid.UUID(int=1))


def test_another_stream_is_another_event() -> None:
    """A correction must stay in its stream, so the fact is taken back and told anew."""
    rows = [row(referral(), 1, stream="elsewhere"), row(referral(), 2, stream="elsewhere")]
    (step,) = planned([referral()], rows)
    assert (step.change, step.withdraw, step.supersedes) == ("rekeyed", tuple(rows), None)


def test_a_changed_key_takes_back_the_whole_fact() -> None:
    """The old fact's corrections go too: else an earlier one of them would stand again."""
    old = assessment(day="2023-04-03")
    rows = [row(assessment(day="2023-04-03", internal_review_date="2023-05-01"), 1), row(old, 2)]
    (step,) = planned([assessment(day="2023-04-05")], [], rows)
    assert (step.change, step.withdraw) == ("rekeyed", tuple(rows))


def test_a_key_has_changed_only_when_all_else_is_equal() -> None:
    """Another value and another day together are a new fact: nobody can tell that it is the old."""
    missing = [row(assessment(day="2023-04-03"))]
    (step,) = planned(
        [assessment(day="2023-04-05", internal_review_date="2023-05-01")], [], missing
    )
    assert (step.change, step.withdraw) == ("new", ())


def test_two_candidates_are_none() -> None:
    """With two old facts or two new ones that are alike nothing is guessed."""
    olds = [row(assessment(day="2023-04-03"), 1), row(assessment(day="2023-04-04"), 2)]
    steps = planned([assessment(day="2023-04-05")], [], olds)
    steps += planned([assessment(day="2023-04-05"), assessment(day="2023-04-06")], [], olds[:1])
    assert {step.change for step in steps} == {"new"}


def test_a_key_changes_within_its_kind() -> None:
    """A referral does not become an assessment."""
    (step,) = planned([assessment(day="2023-04-05")], [], [row(referral(day="2023-04-03"))])
    assert step.change == "new"


def test_what_is_published_is_no_new_key() -> None:
    """A fact that stands under its key is not taken for another one that is missing."""
    here = assessment(day="2023-04-05")
    (step,) = planned([here], [row(here, 2)], [row(assessment(day="2023-04-03"), 1)])
    assert step.change == "unchanged"


def test_what_never_stood_is_taken_back_and_told_again() -> None:
    """An event adrift may or may not be at the hub: the withdrawal makes it certain."""
    lost = row(referral(), 3, state="adrift")
    (step,) = planned([referral()], [lost])
    assert (step.change, step.withdraw) == ("new", (lost,))


def test_a_lost_correction_is_taken_back_alone() -> None:
    """What stood before it still stands, and is corrected again or is right as it is."""
    stood, lost = row(referral(), 1), row(referral(source_code="1A"), 2, state="adrift")
    (back,) = planned([referral()], [stood, lost])
    assert (back.change, back.withdraw) == ("unchanged", (lost,))
    (again,) = planned([referral(source_code="1A")], [stood, lost])
    assert (again.change, again.withdraw, again.supersedes) == ("corrected", (lost,), stood.event)


def test_a_changed_key_takes_back_what_is_adrift_under_the_new_one() -> None:
    """Nothing of either fact is left over."""
    lost = row(assessment(day="2023-04-05"), 1, state="adrift")
    missing = row(assessment(day="2023-04-03"), 2)
    (step,) = planned([assessment(day="2023-04-05")], [lost], [missing])
    assert (step.change, step.withdraw) == ("rekeyed", (lost, missing))


def test_a_row_is_held_in_the_source_s_words() -> None:
    """Who judges a period sees kind, person, stream and time, and nothing of ours."""
    found = held(row(referral("C7")))
    assert (found.kind, found.person) == ("referral-received", "C7")
    assert found.stream == ("C7", "2023-04-03", "1")
    assert found.time == "2023-04-03T09:00:00Z"
