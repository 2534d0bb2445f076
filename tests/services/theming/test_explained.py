"""Explanations are printed under their figures, and only the borough's own."""

from __future__ import annotations

import pytest

from domain.vocabulary.front_door import ThresholdDocumentAgreed
from services.filters import Filters
from tests.projections.builders import Borough, Told, folded
from tests.services.theming.rig import explains, mapping, theme


def assessed() -> Borough:
    """Give a borough that files 11A in every month of two years."""
    havering = Borough("havering")
    for year, months in ((2021, range(4, 13)), (2022, range(1, 13)), (2023, range(1, 4))):
        for month in months:
            havering.assessed(f"{year} {month}", ["11A"], on=f"{year}-{month:02}-09")
    return havering


def test_an_explanation_is_printed_under_its_figure() -> None:
    """Under the measure, borough and every period that it has a day in common with."""
    havering = assessed()
    explains(havering, "factor-11a", "real", period_start="2022-03-31")
    shown = theme("exploitation", havering)
    for period in ("2022", "2023"):
        (one,) = shown.row("factor-11a", "havering", period).explanations
        assert (one.judgement, one.office, one.text) == (
            "real", "director", "A new form asks for it.",
        )  # fmt: skip
        assert one.recorded == "2023-11-14T22:13:20.024Z"
    assert shown.row("factor-12a", "havering", "2023").explanations == ()
    assert shown.row("factor-11a", "havering", "2023").flags == ()


@pytest.mark.parametrize("judgement", ["recording", "both"])
def test_a_change_in_recording_is_flagged(judgement: str) -> None:
    """A borough's own note is reason (d) not to compare."""
    havering = assessed()
    explains(havering, "factor-11a", judgement)
    shown = theme("exploitation", havering)
    assert [one.letter for one in shown.row("factor-11a", "havering", "2023").flags] == ["d"]
    assert shown.row("factor-11a", "havering", "2022").flags == ()


def test_what_is_said_of_another_period_is_no_verdict() -> None:
    """A day in common prints it; only an explanation of all of the period flags it."""
    havering = assessed()
    explains(havering, "factor-11a", "recording", period_start="2022-03-31")
    shown = theme("exploitation", havering)
    rows = [shown.row("factor-11a", "havering", period) for period in ("2022", "2023")]
    assert [(row.explanations[0].covers, [one.letter for one in row.flags]) for row in rows] == [
        (False, []), (True, ["d"]),
    ]  # fmt: skip


def test_nobody_explains_another_s_figure() -> None:
    """Of another borough, of another theme, or through another's source: not printed."""
    havering, redbridge = assessed(), Borough("redbridge")
    explains(havering, "factor-11a", "recording", borough="redbridge")
    explains(havering, "factor-11a", "recording", theme="thresholds")
    explains(redbridge, "factor-11a", "recording", borough="havering")
    shown = theme("exploitation", havering, redbridge)
    assert shown.row("factor-11a", "havering", "2023").explanations == ()


def test_an_explanation_is_there_as_of_when_it_was() -> None:
    """Asked as of the positions before it came, the figure stands without it."""
    havering = assessed()
    before = len(havering.entries)
    explains(havering, "factor-11a", "real")
    store = folded(havering).store
    positions = {"havering": before}
    shown = theme("exploitation", havering, store=store, positions=positions)
    assert shown.row("factor-11a", "havering", "2023").explanations == ()


def test_a_threshold_document_marks_a_break() -> None:
    """Its first day, in each borough that agreed it; only where the theme names the event."""
    havering = assessed()
    facts = ThresholdDocumentAgreed.Facts(
        boroughs=("havering",), document_version="v2", effective_from="2022-09-01"
    )
    havering.tells(ThresholdDocumentAgreed, facts, told=Told("2022-08-01"))
    marked = {"borough": "havering", "day": "2022-09-01"}
    for code in ("thresholds", "exploitation"):
        breaks = theme(code, havering, filters=Filters()).document["breaks"]
        assert isinstance(breaks, list)
        asked = mapping().theme(code)
        assert asked is not None
        found = [one for one in breaks if marked.items() <= one.items()]
        assert len(found) == ("threshold-document-agreed" in asked.breaks_marked_by)
