"""A return's children, published by whatever way, and what ledgers hold of them then."""

from __future__ import annotations

import io
import json
from datetime import date

from adapters.returns.cin_checking import Asked, Examining
from domain.opened import OpenedEvent
from services.borough.drafting import Draft
from tests.adapters.returns.census import assessment, census, child, episode
from tests.journeys.kafka_stage import Kafka

CHILDREN = (
    child(episode(assessment("3B")), number="A-1"),
    child(episode(assessment("3B", "4B")), number="B-2"),
)


def of_return(authority: str) -> list[Draft]:
    """Give what a return tells, as drafts of a borough's own system."""
    examining = Examining(Asked(authority, 2023), today=date(2023, 6, 1), with_ids=False)
    file = io.BytesIO(census(*CHILDREN, authority=authority))
    drafts = [told.draft for _, events in examining.read(file) for told in events.told]
    examining.tally.findings.close()
    return drafts


def publish_return(kafka: Kafka, borough: str, authority: str, **settings: str) -> None:
    """Publish a return by the command line."""
    path = kafka.stage.folder / f"{borough}.xml"
    path.write_bytes(census(*CHILDREN, authority=authority))
    ended = kafka.stage.machine(borough).run(
        *("returns", "publish", path, "--borough", borough, "--year", "2023"), **settings
    )
    assert ended.status == 0, ended.said()


def content(event: OpenedEvent) -> tuple[str, ...]:
    """Give what an event says, but for what differs from source to source."""
    own = {"id", "sealingsession", "sequence", "source", "subject", "supersedes"}
    header = event.header.model_dump(mode="json", exclude=own)
    named = {"episode"}  # by a pseudonym of the source's own
    facts = event.facts.model_dump(mode="json", exclude=named) if event.facts else None
    shared = [one.shared.model_dump(mode="json") for one in event.subjects if one.shared]
    return tuple(json.dumps(one, sort_keys=True) for one in (header, facts, *shared))


def contents(kafka: Kafka, ledger: str) -> list[tuple[str, ...]]:
    """Give what a ledger's events about a return say, in no order."""
    about = [e for e in kafka.opened(ledger) if e.kind.name.startswith(("assess", "referral"))]
    return sorted(content(event) for event in about)
