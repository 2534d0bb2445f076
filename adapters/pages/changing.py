"""The pages on why a number changed, and on children whom two boroughs know."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from adapters.http.other_documents import (
    Coverage,
    CrossBoroughAnswer,
    HistoryAnswer,
    HistoryRow,
    Number,
    Pair,
)
from adapters.http.parameters import RecordedBy
from adapters.pages import wording
from adapters.pages.answers import name_of
from adapters.pages.asking import FAULTS, Wrong, asked_of
from adapters.pages.files import Left, Manner
from adapters.pages.flags import lettered, reasons_of
from adapters.pages.front import Front
from adapters.pages.sessions import Session
from adapters.pages.viewing import Viewed
from domain.errors import NotFound, QuestionRefused
from domain.reference.factor_mapping import Theme
from domain.vocabulary.codes import Slug
from services.filters import Filters
from services.history import HistoryAsked

Cells = tuple[str, ...]
CAUSES = {
    "corrected": "corrected",
    "recorded": "came since",
    "restricted": "restricted",
    "restriction-ended": "restricted no longer",
    "stands-again": "stands again",
    "withdrawn": "withdrawn",
}
BACKWARDS = "The earlier day must not be after the later day"
CHANGES_SHOWN = 60


class Times(Manner):
    """Of which theme, and between which two recorded times."""

    after: Annotated[RecordedBy | None, Left] = None
    before: Annotated[RecordedBy | None, Left] = None
    theme: Annotated[Slug | None, Left] = None


def router(front: Front) -> APIRouter:
    """Give the routes of these pages."""
    routes = APIRouter(default_response_class=HTMLResponse)

    @routes.get("/history")
    def history(request: Request) -> Response:
        session = front.session(request)
        asked = asked_of(Times, request)
        if isinstance(asked, Wrong):
            return _again(front, session, asked)
        if asked.theme and not asked.before and "before" in request.query_params:
            typed = dict(request.query_params)
            return _again(front, session, Wrong(typed, {"before": FAULTS["before"]}))
        if asked.theme is None or asked.before is None:
            return front.page("history", session, shown=_form(asked))
        theme, times = asked.theme, HistoryAsked(asked.before, asked.after, Filters())
        viewed = Viewed(
            view="history",
            ask=lambda reading: front.hub.others.history.answer(reading, theme, times),
            told_as=HistoryAnswer,
            shown=lambda answer: _history(front, answer, asked),
            named=("history", theme, asked.before, asked.after or "now"),
        )
        try:
            return viewed.answer(front, request, asked)
        except QuestionRefused:
            wrong = Wrong(dict(request.query_params), {"before": BACKWARDS})
            return _again(front, session, wrong)

    @routes.get("/cross-borough")
    def cross_borough(request: Request, asked: Annotated[Manner, Query()]) -> Response:
        return Viewed(
            view="cross-borough",
            ask=lambda reading: front.hub.others.cross_borough.answer(reading, Filters()),
            told_as=CrossBoroughAnswer,
            shown=lambda answer: _cross_borough(front, answer),
        ).answer(front, request, asked)

    return routes


def _cross_borough(front: Front, answer: CrossBoroughAnswer) -> dict[str, object]:
    titles = {one.code: one.title for one in front.hub.registry.mapping()[0].themes}
    return {
        "answer": answer,
        "coverage": [
            _coverage(one, answer)
            for one in sorted(
                answer.coverage, key=lambda one: (one.borough, wording.age(one.age_band))
            )
        ],
        "current": "cross-borough",
        "pairs": [_pair(one, answer, titles) for one in answer.rows],
        "without": [name_of(answer, one) for one in answer.without_tokens],
    }


def _again(front: Front, session: Session, wrong: Wrong) -> Response:
    shown = {**wrong.shown(), "current": "history"}
    return front.page("history", session, shown=shown, status=422)


def _form(asked: Times) -> dict[str, object]:
    return {"asked": asked, "current": "history"}


def _history(front: Front, answer: HistoryAnswer, asked: Times) -> dict[str, object]:
    known = front.hub.registry.mapping()[0].theme(answer.theme)
    if known is None:
        raise NotFound("theme")
    changed = [one for one in reversed(answer.rows) if one.difference or one.why or not one.then]
    return {
        **_form(asked),
        "answer": answer,
        "changed": len(changed),
        "reasons": reasons_of(
            (_where(one, answer, known), one.flags) for one in changed[:CHANGES_SHOWN]
        ),
        "rows": [_changed(one, answer, known) for one in changed[:CHANGES_SHOWN]],
        "same": len(answer.rows) - len(changed),
    }


def _title(row: HistoryRow, theme: Theme) -> str:
    title = next((one.title for one in theme.measures if one.code == row.measure), row.measure)
    return f"{title}: {wording.spelt(row.breakdown).lower()}" if row.breakdown else title


def _where(row: HistoryRow, answer: HistoryAnswer, theme: Theme) -> str:
    when = wording.period("rolling-12", row.period_from, row.period_to)
    return f"{_title(row, theme)}, {name_of(answer, row.borough)}, {when}"


def _changed(row: HistoryRow, answer: HistoryAnswer, theme: Theme) -> Cells:
    why = [
        f"{CAUSES.get(one.cause, one.cause)}: {' and '.join(_moved(one.gained, one.lost))}"
        for one in row.why
    ]
    return (
        _title(row, theme),
        name_of(answer, row.borough),
        wording.sentence(wording.period("rolling-12", row.period_from, row.period_to)),
        _number(row.then),
        lettered(_number(row.now), row.flags),
        wording.signed(row.difference),
        "; ".join(why) or "no event of its own",
    )


def _moved(gained: int, lost: int) -> list[str]:
    said = ((gained, "gained"), (lost, "lost"))
    return [f"{wording.number(count)} {way}" for count, way in said if count]


def _number(number: Number | None) -> str:
    return "no figure" if number is None else wording.number(number.numerator)


def _pair(pair: Pair, answer: CrossBoroughAnswer, titles: dict[str, str]) -> Cells:
    return (
        titles.get(pair.theme, "Any of the themes"),
        f"{name_of(answer, pair.first)} and {name_of(answer, pair.second)}",
        wording.number(pair.both),
        wording.number(pair.either),
    )


def _coverage(one: Coverage, answer: CrossBoroughAnswer) -> Cells:
    return (
        name_of(answer, one.borough),
        wording.spelt(one.age_band),
        wording.number(one.children),
        wording.number(one.linkable),
        wording.NOTHING if one.share is None else f"{one.share}%",
    )
