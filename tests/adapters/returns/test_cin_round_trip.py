"""What is written in any dialect is read back as it was."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TypeVar

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.returns import cin_codes
from adapters.returns.cin_child import (
    Assessment,
    Child,
    CinPlan,
    Count,
    Kind,
    Place,
    Plan,
    Referral,
    Review,
    Section47,
)
from tests.adapters.returns.cin_files import bare, read
from tests.adapters.returns.cin_writer import Dialect, file_of, message, tree_of

R = TypeVar("R")

nothing: st.SearchStrategy[tuple[str, ...]] = st.just(())
nowhere = st.just(Place("", 0))
days = st.dates(date(1900, 1, 1), date(2100, 12, 31))
maybe_day = st.none() | days
maybe = st.none() | st.booleans()
ids = st.text(
    st.characters(min_codepoint=33, max_codepoint=255, exclude_categories=["Cc", "Zs", "Cf"]),
    min_size=1,
    max_size=64,
)
upns = st.none() | st.from_regex(r"[A-Za-z][0-9]{11}[0-9A-Za-z]", fullmatch=True)


def one_of(codes: Mapping[str, cin_codes.Code]) -> st.SearchStrategy[str | None]:
    """Draw a code of a list, or none."""
    return st.none() | st.sampled_from(sorted(codes))


def some_of(codes: Mapping[str, cin_codes.Code]) -> st.SearchStrategy[tuple[str, ...]]:
    """Draw codes of a list, each at most once."""
    return st.lists(st.sampled_from(sorted(codes)), unique=True, max_size=5).map(tuple)


def several(records: st.SearchStrategy[R]) -> st.SearchStrategy[tuple[R, ...]]:
    """Draw a few records."""
    return st.lists(records, max_size=2).map(tuple)


assessments = st.builds(
    Assessment,
    start=days,
    internal_review=maybe_day,
    authorised=maybe_day,
    factors=some_of(cin_codes.FACTORS),
    not_understood=nothing,
    place=nowhere,
    repeated_factors=st.just(0),
)
cin_plans = st.builds(CinPlan, start=days, end=maybe_day, not_understood=nothing, place=nowhere)
section47s = st.builds(
    Section47,
    start=days,
    conference_target=maybe_day,
    initial_conference=maybe_day,
    conference_not_required=maybe,
    not_understood=nothing,
    place=nowhere,
)
plans = st.builds(
    Plan,
    start=days,
    end=maybe_day,
    initial_category=one_of(cin_codes.ABUSE_CATEGORIES),
    latest_category=one_of(cin_codes.ABUSE_CATEGORIES),
    previous_plans=st.none() | st.integers(0, 9999),
    reviews=several(st.builds(Review, days, nowhere)),
    not_understood=nothing,
    place=nowhere,
)
referrals = st.builds(
    Referral,
    referred=days,
    source=one_of(cin_codes.REFERRAL_SOURCES),
    primary_need=one_of(cin_codes.PRIMARY_NEEDS),
    closed=maybe_day,
    closure_reason=one_of(cin_codes.CLOSURE_REASONS),
    initial_conference=maybe_day,
    no_further_action=maybe,
    assessments=several(assessments),
    cin_plans=several(cin_plans),
    section47s=several(section47s),
    plans=several(plans),
    not_understood=nothing,
    place=nowhere,
)
children_of_a_file = st.lists(
    st.builds(
        Child,
        ordinal=st.just(1),
        la_child_id=ids,
        upn=upns,
        former_upn=upns,
        upn_unknown=one_of(cin_codes.UPN_UNKNOWN),
        birth_date=maybe_day,
        expected_birth_date=maybe_day,
        death_date=maybe_day,
        sex=st.sampled_from(["female", "male", "unknown", None]),
        ethnicity=one_of(cin_codes.ETHNICITIES),
        disabilities=some_of(cin_codes.DISABILITIES),
        referrals=several(referrals),
        not_understood=nothing,
        place=nowhere,
        faults=st.just(()),
        faults_left_out=st.just(0),
    ),
    min_size=1,
    max_size=3,
)
dialects = st.builds(
    Dialect,
    chance=st.randoms(use_true_random=False),
    yes_no=st.sampled_from([("0", "1"), ("false", "true"), ("False", "TRUE")]),
    after_date=st.sampled_from(["", "Z", "+01:00", "-05:30", "T00:00:00", "T00:00:00.000Z"]),
    sex_element=st.sampled_from(["GenderCurrent", "Sex"]),
    sex_letters=st.booleans(),
    indent=st.sampled_from(["", "  ", "\t"]),
    newline=st.sampled_from(["\n", "\r\n"]),
    prefix=st.sampled_from(["", "cin:"]),
    namespace=st.sampled_from(["", "urn:invented"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "iso-8859-1", "windows-1252"]),
    declared=st.just(value=True),
    shuffled=st.booleans(),
    strange=st.booleans(),
    padded=st.booleans(),
    cdata=st.booleans(),
)


@settings(max_examples=150)
@given(children_of_a_file, dialects)
def test_every_dialect_says_the_same(children: list[Child], dialect: Dialect) -> None:
    """Children written in any dialect are read back equal, and counted whole."""
    file = file_of(message(tree_of(child, dialect) for child in children), dialect)
    read_return = read(file)
    met = list(bare(read_return))
    assert [child.ordinal for child in met] == list(range(1, len(children) + 1))
    assert [(c.la_child_id, c.referrals) for c in met] == [
        (c.la_child_id, c.referrals) for c in children
    ]
    assert [vars_of(child) for child in met] == [vars_of(child) for child in children]
    assert read_return.counts[Kind.CHILD] == Count(len(children), len(children))
    assert all(count.refused == 0 for count in read_return.counts.values())


def vars_of(child: Child) -> list[object]:
    """Give what was read of a child, but for the ordinal, which is its place in the file."""
    return [
        getattr(child, name)
        for name in Child.__dataclass_fields__
        if name not in {"ordinal", "place"}
    ]


@settings(max_examples=30)
@given(children_of_a_file, dialects, st.integers(1, 7))
def test_short_reads_change_nothing(children: list[Child], dialect: Dialect, size: int) -> None:
    """A source that hands over a few bytes at a time changes no child and no fault."""
    file = file_of(message(tree_of(child, dialect) for child in children), dialect)
    assert list(read(file)) == list(read(file, chunk=size))
