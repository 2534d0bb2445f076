"""A return's children, published by whatever way; what ledgers and views hold of them then."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date

from adapters.returns.cin_checking import Asked, Examining
from domain.canonical import JsonValue
from domain.opened import OpenedEvent
from domain.vocabulary.parts import RestrictedPart
from services.borough.drafting import Draft
from tests.adapters.returns.census import (
    assessment,
    census,
    child,
    cin_plan,
    enquiry,
    episode,
    plan,
)
from tests.journeys.counts import factor_counts
from tests.journeys.kafka_stage import Kafka
from tests.journeys.machines import PATIENCE_S

CLOSED = {"CINclosureDate": "2022-12-01", "ReasonForClosure": "RC1"}
FIRST = (
    child(
        episode(
            assessment("3B"),
            enquiry(conference="2022-06-15", target="2022-06-20"),
            plan("2022-06-20", "2022-09-10", end="2023-01-10"),
            cin_plan("2023-01-11", end="2023-02-20"),
        ),
        number="A-1",
        UPN="H801200001001",
    ),
    child(episode(assessment("3B", "4B"), **CLOSED), number="B-2"),
    child(episode(), number="C-3", born=None, ExpectedPersonBirthDate="2022-09-01"),
    child(episode(), number="D-4", PersonDeathDate="2022-08-01"),
)
AMENDED = (
    FIRST[0].replace(">3B<", ">4B<"),
    # A day of birth is in restricted parts alone.
    child(episode(assessment("3B", "4B"), **CLOSED), number="B-2", born="2012-05-02"),
    *FIRST[2:],
)
CORRECTED = 5
"""Events that it corrects: an assessment by its factor, all of a child by a day of birth."""
KINDS = frozenset(
    {
        "assessment-completed",
        "assessment-started",
        "case-closed",
        "child-died",
        "cin-plan-ended",
        "cin-plan-started",
        "icpc-held",
        "protection-plan-ended",
        "protection-plan-reviewed",
        "protection-plan-started",
        "referral-received",
        "section47-started",
        "unborn-referral-received",
    }
)
"""Of the events that these children tell."""
Content = tuple[str, ...]


def of_return(authority: str, children: Sequence[str]) -> list[Draft]:
    """Give what a return tells, as drafts of a borough's own system."""
    examining = Examining(Asked(authority, 2023), today=date(2023, 6, 1), with_ids=False)
    file = io.BytesIO(census(*children, authority=authority))
    drafts = [told.draft for _, events in examining.read(file) for told in events.told]
    examining.tally.findings.close()
    return drafts


def publish_return(
    kafka: Kafka, borough: str, authority: str, children: Sequence[str], **settings: str
) -> None:
    """Publish a return by the command line."""
    path = kafka.stage.folder / f"{borough}.xml"
    path.write_bytes(census(*children, authority=authority))
    ended = kafka.stage.machine(borough).run(
        *("returns", "publish", path, "--borough", borough, "--year", "2023"), **settings
    )
    assert ended.status == 0, ended.said()


def about_children(kafka: Kafka, ledger: str) -> list[OpenedEvent]:
    """Give a ledger's events about children; others count records and name their authority."""
    return [event for event in kafka.opened(ledger) if event.subjects]


def contents(kafka: Kafka, ledger: str) -> list[tuple[Content, Content]]:
    """Give what a ledger's events about children say, each with what it corrects, in no order.

    Restricted parts are opened by the borough, to which they are sealed.
    """
    about = about_children(kafka, ledger)
    episodes = Counter(_episode(event) for event in about)
    with kafka.stage.client(ledger) as client:
        said = {
            str(event.event_id): _content(
                event,
                [client.open_part(event.event_id, one.number + 1).part for one in event.subjects],
                episodes[_episode(event)],
            )
            for event in about
        }
    nothing: Content = ()
    corrected = {str(event.event_id): event.header.supersedes for event in about}
    return sorted(
        (said[one], said[target] if target else nothing) for one, target in corrected.items()
    )


def _content(event: OpenedEvent, parts: Sequence[RestrictedPart], of_episode: int) -> Content:
    """Give what an event says, but for what differs from source to source.

    An episode has a pseudonym of the source's own: here it is told by how many events are of it.
    """
    own = {"id", "sealingsession", "sequence", "source", "subject", "supersedes"}
    header = event.header.model_dump(mode="json", exclude=own)
    facts = event.facts.model_dump(mode="json", exclude={"episode"}) if event.facts else None
    shared = [one.shared.model_dump(mode="json") for one in event.subjects if one.shared]
    people = [[one.role, [token.token for token in one.linkage]] for one in event.subjects]
    restricted = [one.model_dump(mode="json") for one in parts]
    said = (header, facts, shared, people, restricted, of_episode)
    return tuple(json.dumps(one, sort_keys=True) for one in said)


def _episode(event: OpenedEvent) -> JsonValue:
    return event.facts.model_dump(mode="json").get("episode") if event.facts else None


def _told_by(view: Mapping[str, JsonValue], borough: str) -> list[str]:
    """Give the rows of a view that a borough's events made, without its name and population."""
    rows = view["rows"]
    assert isinstance(rows, list | tuple)
    told = [row for row in rows if isinstance(row, Mapping) and row["source"] == "events"]
    return sorted(
        json.dumps({name: row[name] for name in ROW if name in row}, sort_keys=True)
        for row in told
        if row["borough"] == borough
    )


ROW = ("breakdown", "code", "indicator", "line", "measure", "numerator", "period", "value")
FiguresOf = Callable[[Mapping[str, JsonValue], str], object]
VIEWS: Mapping[str, tuple[FiguresOf, Mapping[str, str]]] = {
    "factors": (factor_counts, {}),
    "indicators": (_told_by, {}),
    "themes/domestic-abuse": (_told_by, {"period": "year-to-march"}),
}
"""Some views: what gives the figures of one borough in it, and how it is asked for."""


def figures(kafka: Kafka, view: str, boroughs: Sequence[str]) -> list[object]:
    """Give what a view shows of each borough, once everything is in it."""
    figures_of, asked = VIEWS[view]
    answer = kafka.stage.read_folded(view, PATIENCE_S, **asked)
    return [figures_of(answer, borough) for borough in boroughs]
