"""What rose, where, and whether it is real: weighed, worded and put in order."""

from __future__ import annotations

import pytest

from adapters.http.theme_documents import ThemeAnswer
from adapters.pages import figures
from adapters.pages.answers import told as read_back
from adapters.pages.findings import falls, findings, is_compared, rises, weight
from domain.canonical import JsonValue
from tests.adapters.pages.invented_answers import figure, theme_with

MEASURE: JsonValue = {
    "code": "factor-3a",
    "could_be_fed_by": "each borough",
    "events": [],
    "fed_by": [],
    "lines": [
        {"breakdown": "", "counts": "episodes", "share": False, "title": ""},
        {"breakdown": "unborn", "counts": "episodes", "share": False, "title": "Unborn"},
    ],
    "not_compared": None,
    "source": "events",
    "title": "Domestic abuse of the child (3A), per 1,000 assessed",
    "unit": "per-1000-assessed",
}
FLAG: JsonValue = {"code": "jump", "letter": "a", "reason": "Practice cannot do that."}


def told(judgement: str, *, covers: bool = True) -> JsonValue:
    """Give an explanation."""
    days: dict[str, JsonValue] = {"period_end": "2022-03-31", "period_start": "2021-04-01"}
    return {
        "event": "019aa000-0000-7000-8000-000000000001", "through": "source",
        "covers": covers, "judgement": judgement, "office": "director",
        "recorded": "2025-06-03T10:15:00Z", "text": "Because.", **days,
    }  # fmt: skip


def theme(*rows: JsonValue) -> ThemeAnswer:
    """Give an answer with these rows."""
    return read_back(ThemeAnswer, theme_with([MEASURE], list(rows)))


def test_a_sentence_says_what_where_how_much_and_whether_it_is_real() -> None:
    """In plain English, in one breath."""
    row = figure("havering", 0, numerator=1510, change=1150, change_percent="319.4")
    (finding,) = findings(theme(row))
    assert finding.sentence == (
        "Domestic abuse of the child (3A) rose in Havering from 360 to 1,510 (+319.4%): "
        "nobody has explained it yet."
    )
    down = figure(
        "redbridge", 0, numerator=0, change=-40, change_percent="-100", breakdown="unborn"
    )
    (finding,) = findings(theme(down))
    assert finding.sentence == (
        "Domestic abuse of the child (3A): Unborn fell in Redbridge from 40 to 0 (−100%): "
        "nobody has explained it yet."
    )


@pytest.mark.parametrize(
    ("explanations", "flags", "verdict"),
    [
        ([], [], "unexplained"),
        ([], [FLAG], "flagged"),
        ([told("real")], [FLAG], "real"),
        ([told("real"), told("recording")], [], "recording"),
        ([told("both")], [], "both"),
        ([told("real", covers=False)], [], "unexplained"),
        ([told("recording"), told("real", covers=False)], [], "recording"),
    ],
)
def test_the_borough_s_word_goes_before_the_flag(
    explanations: list[JsonValue], flags: list[JsonValue], verdict: str
) -> None:
    """What it said last decides; the flag's reason is still told."""
    row = figure("havering", 0, change=50, explanations=explanations, flags=flags)
    (finding,) = findings(theme(row))
    assert finding.verdict == verdict
    assert ("Practice cannot do that." in finding.reasons) == bool(flags)


def test_small_numbers_do_not_come_first() -> None:
    """Two beside one is less telling than 510 beside 360, and no more than chance would do."""
    small = figure("havering", 0, numerator=2, change=1)
    large = figure("redbridge", 0, numerator=510, change=150)
    found = findings(theme(small, large))
    assert [one.borough for one in found] == ["redbridge", "havering"]
    assert [one.borough for one in rises(found)] == ["redbridge"]
    assert weight(0, 0) == 0


def test_the_last_period_alone_is_told() -> None:
    """What rose a year ago is no news; neither is what has not changed, or has no year before."""
    old = figure("havering", 0, numerator=500, change=400)
    now = figure("havering", 1, numerator=300, change=-200)
    same = figure("redbridge", 1, numerator=300, change=0)
    new = figure("barking-and-dagenham", 1, numerator=300, change=None)
    found = findings(theme(old, now, same, new))
    assert rises(found) == []
    assert [one.borough for one in falls(found)] == ["havering"]


def test_without_a_year_before_nothing_is_said_to_have_stayed() -> None:
    """No news is told from not knowing: a last period must stand beside the same of a year ago."""
    old = figure("havering", 0, numerator=500, change=400)
    new = figure("havering", 1, numerator=300, change=None)
    same = figure("redbridge", 1, numerator=300, change=0)
    assert not is_compared(theme(new))
    assert not is_compared(theme(old, new))
    assert is_compared(theme(new, same))


def test_a_line_that_ended_earlier_is_told_with_its_period() -> None:
    """A part that nobody reports any more is not dropped beside a whole that goes on."""
    ended = figure("havering", 0, breakdown="unborn", numerator=500, change=400)
    goes_on = figure("havering", 1, numerator=300, change=-200)
    found = {one.row.breakdown: one for one in findings(theme(ended, goes_on))}
    assert found["unborn"].by_how_much.endswith(", 12 months to April 2021")
    assert "12 months" not in found[""].by_how_much
    (shown, *_) = figures.shown(theme(ended, goes_on))
    assert shown.period == "12 months to May 2021"
    assert [(one.part, one.earlier) for one in shown.figures] == [
        ("Unborn", "12 months to April 2021"), ("", ""),
    ]  # fmt: skip
