"""Checking a return: what it came to as a whole, what is counted, and what is found where."""

from __future__ import annotations

import io
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from adapters.returns.cin_checking import Asked, check_return, is_refused
from adapters.returns.published_figures import Authority
from adapters.returns.reports import Events, Outcome, Refusal, Report, Row
from tests.adapters.returns.census import (
    TODAY,
    assessment,
    census,
    child,
    cin_plan,
    element,
    enquiry,
    episode,
    plan,
)
from tests.adapters.returns.recounting import small_table, written

HAVERING_2023 = Asked("311", 2023)
WHOLE = census(
    child(
        episode(
            assessment("3B"),
            enquiry(conference="2022-06-20"),
            plan("2022-06-20", "2022-09-01"),
            cin_plan("2022-06-02", "2022-06-19"),
        )
    ),
    child(episode(turned_away="1"), number="A-2"),
)


@contextmanager
def checked(file: bytes, asked: Asked = HAVERING_2023, *, ids: bool = False) -> Iterator[Report]:
    """Check a file, and let go of the report afterwards; a skim must know whether it is refused."""
    report = check_return(io.BytesIO(file), asked, today=TODAY, with_ids=ids)
    try:
        assert is_refused(io.BytesIO(file), asked) is (report.outcome is Outcome.REFUSED)
        yield report
    finally:
        report.close()


def row(report: Report, kind: str) -> Row:
    """Give the counts of one kind."""
    (found,) = (each for each in report.rows if each.kind == kind)
    return found


def test_everything_understood() -> None:
    """Given a return without a fault: understood, every record counted, with its events."""
    with checked(WHOLE) as report:
        assert (report.outcome, list(report.findings)) == (Outcome.UNDERSTOOD, [])
        counts = {
            each.kind: (each.in_file, each.understood, each.events and each.events.told)
            for each in report.rows
        }
    assert counts == {
        "child": (2, 2, None),
        "referral": (2, 2, 2),
        "assessment": (1, 1, 1),
        "factor": (1, 1, None),
        "section47": (1, 1, 1),
        "cin-plan": (1, 1, 1),
        "protection-plan": (1, 1, 1),
        "review": (1, 1, 1),
        "case-closed": (None, None, 0),
        "assessment-completed": (None, None, 1),
        "icpc-held": (None, None, 1),
        "icpc-not-required": (None, None, 0),
        "cin-plan-ended": (None, None, 1),
        "protection-plan-ended": (None, None, 0),
        "child-died": (None, None, 0),
    }


def test_a_note_refuses_nothing() -> None:
    """Given something remarkable alone: everything was understood all the same."""
    with checked(census(child(episode(ReasonForClosure="RC7")))) as report:
        assert report.outcome is Outcome.UNDERSTOOD
        assert report.findings.tally() == [("closure-reason-without-date", "noted", 1)]


def test_a_value_that_is_refused_is_a_part() -> None:
    """Given a factor of no list: understood in part, and found by child, place and line."""
    with checked(census(child(), child(episode(assessment("9Z")), number="A-2"))) as report:
        assert report.outcome is Outcome.IN_PART
        assert (row(report, "factor").in_file, row(report, "factor").refused) == (1, 1)
        (finding,) = (each for each in report.findings if each.severity == "refused")
    assert (finding.child, finding.line, finding.refuses) == (2, 1, "factor")
    assert finding.place.startswith("Child[2]/CINdetails[1]/Assessments[1]/")


def test_an_event_that_cannot_be_sent_is_a_part() -> None:
    """Given a referral of before 1990: understood, and not told."""
    with checked(census(child(episode(referred="1989-05-02")))) as report:
        assert report.outcome is Outcome.IN_PART
        assert row(report, "referral") == Row("referral", 1, 1, Events(told=0, refused_here=1))


def test_a_child_who_is_refused_is_a_part() -> None:
    """Given a child without an id: nobody could tell who it is, so it is refused, and found."""
    with checked(census(child(episode()), element("Child", episode()))) as report:
        assert report.outcome is Outcome.IN_PART
        assert row(report, "child").refused == 1
        assert [(each.child, each.refuses) for each in report.findings] == [(2, "child")]


@pytest.mark.parametrize(
    ("asked", "refusal"),
    [
        (Asked("317", 2023), ("authority-not-as-asked", "LEA")),
        (Asked("311", 2022), ("year-not-as-asked", "Year")),
        (Asked("317", None), ("authority-not-as-asked", "LEA")),
        (Asked(None, 2022), ("year-not-as-asked", "Year")),
    ],
)
def test_another_return_than_asked_for_is_refused(asked: Asked, refusal: tuple[str, str]) -> None:
    """Given another authority or year: the file is refused before a child of it is read."""
    with checked(WHOLE, asked) as report:
        assert report.outcome is Outcome.REFUSED
        assert [(each.code, each.field) for each in report.refusals] == [refusal]
        assert report.rows == ()


def test_what_nobody_asked_about_is_not_refused() -> None:
    """Given a file without a header, and nothing asked: it is understood."""
    headless = element("Message", element("Children", child(episode()))).encode()
    with checked(headless, Asked()) as report:
        assert report.outcome is Outcome.UNDERSTOOD
    with checked(headless) as report:
        assert report.refusals == (Refusal("missing", 1, "Header"),)


def test_a_header_that_comes_late_is_looked_at() -> None:
    """Given a header after the children: it still decides whether this is the return."""
    source = element("Source", LEA="311")
    late = element("Header", element("CollectionDetails", Year="2022"), source)
    file = element("Message", element("Children", child(episode())), late).encode()
    with checked(file) as report:
        assert [each.code for each in report.refusals] == ["year-not-as-asked"]


def test_another_collection_is_refused() -> None:
    """Given a file that is no CIN Census: refused, whatever was asked for."""
    with checked(WHOLE.replace(b">CIN<", b">SSDA903<"), Asked()) as report:
        assert [(each.code, each.field) for each in report.refusals] == [
            ("collection-not-cin", "Collection")
        ]
    with checked(b"<Workforce/>", Asked()) as report:
        assert report.refusals == (Refusal("unexpected-root", 1),)


def test_a_file_that_breaks_off_is_refused_and_reported_so_far() -> None:
    """Given a file that ends in its second child: refused, with what was read before."""
    with checked(WHOLE[: WHOLE.index(b"A-2")]) as report:
        assert report.outcome is Outcome.REFUSED
        assert report.refusals == (Refusal("ended-early", 1),)
        assert (row(report, "child").in_file, row(report, "referral").in_file) == (1, 1)


def test_a_return_without_children_is_refused() -> None:
    """Given a header and no child: no borough returns that, and publishing it would empty it."""
    with checked(census()) as report:
        assert [each.code for each in report.refusals] == ["no-children"]


def test_ids_are_kept_only_when_asked_for() -> None:
    """Given a child of whom something is found: its id is in the report when it was asked for."""
    file = census(child(episode()), child(episode(ReasonForClosure="RC7"), number="A-2"))
    with checked(file) as report:
        assert report.ids == {}
    with checked(file, ids=True) as report:
        assert report.ids == {2: "A-2"}
        assert "A-2" not in repr(report)


@pytest.mark.parametrize("year", [2018, 2023])
def test_an_invented_return_is_understood_whole(year: int) -> None:
    """Given what the demonstration invents: nothing is refused, and its own counts come out."""
    somewhere = Authority("900", "E06000099", "Somewhere", "somewhere")
    file, counts = written(small_table(year), year=year, authority=somewhere)
    with checked(file, Asked("900", year)) as report:
        assert report.outcome is Outcome.UNDERSTOOD
        told = {each.kind: each.events.told for each in report.rows if each.events}
    assert told["referral"] == counts.episodes
    assert told["assessment"] == counts.assessments
    assert told["case-closed"] == counts.closed
    assert told["section47"] == counts.enquiries
    assert told["icpc-held"] == counts.conferences
    assert told["cin-plan"] == counts.child_in_need_plans
    assert told["protection-plan"] == counts.protection_plans


def test_memory_does_not_grow_with_the_file() -> None:
    """Ten times the file, with ten times the findings: at most 1.2 times the memory."""
    factors = [f"Z{number}" for number in range(20)]
    peaks = []
    for size in (150, 1500):
        file = census(
            *(child(episode(assessment(*factors)), number=f"A-{at}") for at in range(size))
        )
        tracemalloc.start()
        with checked(file) as report:
            assert report.findings.refused == 20 * size
            assert sum(1 for _ in report.findings) == 20 * size
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] <= 1.2 * peaks[0]
