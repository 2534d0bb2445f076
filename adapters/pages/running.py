"""The pages about running the hub: feeds, a body's own loads, and who has looked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import StringConstraints

from adapters.http.other_documents import AccessAnswer, Accessed, LoadRow, LoadsAnswer
from adapters.http.tables import csv_of
from adapters.http.view_documents import AgedFeed, FeedsAnswer
from adapters.pages import wording
from adapters.pages.answers import told
from adapters.pages.files import Manner, attached
from adapters.pages.front import Front
from adapters.pages.sessions import Session
from adapters.pages.viewing import Viewed
from domain.errors import NotAuthorised
from services.accesses import CURSOR, AccessAsked

Cells = tuple[str, ...]


class Earlier(Manner):
    """Where a page of reads begins."""

    before: Annotated[str, StringConstraints(pattern=rf"^{CURSOR}$")] | None = None


@dataclass(frozen=True, slots=True)
class LoadTable:
    """One load of one source, kind by kind."""

    title: str
    rows: tuple[Cells, ...]


def router(front: Front) -> APIRouter:
    """Give the routes of these pages."""
    routes = APIRouter(default_response_class=HTMLResponse)

    @routes.get("/feeds")
    def feeds(request: Request, asked: Annotated[Manner, Query()]) -> Response:
        return Viewed(
            view="feeds",
            ask=front.hub.querying.feeds,
            told_as=FeedsAnswer,
            shown=lambda answer: _feeds(front, front.session(request), answer),
        ).answer(front, request, asked)

    @routes.get("/loads")
    def loads_file(request: Request) -> Response:
        session = front.session(request)
        document = front.asked(session, "loads", front.hub.others.loads.answer, "csv")
        return attached(csv_of(document), "loads")

    @routes.get("/access")
    def access(request: Request, asked: Annotated[Earlier, Query()]) -> Response:
        page = AccessAsked(before=asked.before)
        return Viewed(
            view="access",
            ask=lambda reading: front.hub.others.accesses.answer(reading, page),
            told_as=AccessAnswer,
            shown=lambda answer: {
                "accesses": [_access(one, front.names()) for one in answer.rows],
                "answer": answer,
                "asked": asked,
                "current": "access",
            },
        ).answer(front, request, asked)

    return routes


def _feeds(front: Front, session: Session, answer: FeedsAnswer) -> dict[str, object]:
    loads = _loads(front, session)
    return {
        "answer": answer,
        "current": "feeds",
        "feeds": [_feed(one, front.names()) for one in answer.rows],
        "loads": None if loads is None else _load_tables(loads.rows, front.names()),
        "refusals": loads.refusals if loads else "",
    }


def _loads(front: Front, session: Session) -> LoadsAnswer | None:
    """Read what the reader's own body has loaded; None where it may not be read."""
    try:
        document = front.asked(session, "loads", front.hub.others.loads.answer)
    except NotAuthorised:
        return None
    return told(LoadsAnswer, document)


def _feed(feed: AgedFeed, names: Mapping[str, str]) -> Cells:
    numbers = (feed.refused, feed.parked, feed.withdrawn)
    gaps, lost = wording.number(len(feed.gaps)), feed.gaps_no_longer_listed
    return (
        wording.source(feed.source, names),
        wording.day(feed.data_to),
        wording.day(feed.loaded_on),
        wording.number(feed.events),
        f"{gaps}, and {wording.number(lost)} no longer listed" if lost else gaps,
        *map(wording.number, numbers),
        _alive(feed),
    )


def _alive(feed: AgedFeed) -> str:
    """Say when a source last gave a sign of life, and whether that is too long ago."""
    said = wording.day(feed.canary)
    return f"{said}: quiet, {feed.rhythm_hours} hours are its rhythm" if feed.quiet else said


def _load_tables(rows: Sequence[LoadRow], names: Mapping[str, str]) -> tuple[LoadTable, ...]:
    found: dict[tuple[str, str], list[LoadRow]] = {}
    for row in rows:
        found.setdefault((row.source or row.participant, row.day), []).append(row)
    return tuple(
        LoadTable(_title(who, day, names), tuple(map(_load, kinds)))
        for (who, day), kinds in found.items()
    )


def _title(who: str, day: str, names: Mapping[str, str]) -> str:
    return f"{wording.source(who, names)}, loaded {wording.day(day)}"


def _load(row: LoadRow) -> Cells:
    numbers = (
        row.in_file,
        row.published,
        row.corrected,
        row.withdrawn,
        row.refused,
        row.standing,
    )
    what = "Everything" if row.kind == "all" else wording.spelt(row.kind)
    return (what, *map(wording.number, numbers))


def _access(row: Accessed, names: Mapping[str, str]) -> Cells:
    body = names.get(row.participant or "", row.participant)
    return (
        wording.day(row.recorded),
        f"{wording.spelt(row.office or 'a system')}, {body}" if body else "An auditor",
        row.reader,
        _looked_at(row),
        "; ".join(names.get(one, one) for one in row.made_from),
        wording.spelt(row.purpose),
        _allowed_by(row),
    )


def _looked_at(row: Accessed) -> str:
    if row.kind == "openings":
        return f"Openings of {wording.number(row.opened)} parts, for an auditor to keep"
    return (
        f"{wording.spelt(row.view)} ({row.format})" if row.view else f"A sealed part ({row.part})"
    )


def _allowed_by(row: Accessed) -> str:
    if row.warrant:
        return f"Warrant {row.warrant}"
    return f"{row.agreement}, {row.right}" if row.right else row.agreement
