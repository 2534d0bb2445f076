"""What participants are told, as AsyncAPI has it: schemas and examples of each kind of message."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from pydantic.json_schema import models_json_schema

from adapters.kafka.dead_letters import ID_HEADER
from adapters.kafka.outgoing import TYPE_HEADER
from domain import told
from domain.canonical import JsonValue, strict_json
from domain.reference.documents import document_digest
from domain.reference.releases import Loss, Position, Release, Series, Table
from domain.values import Strict, to_text

_ENTRY = uuid.UUID("0190a8c4-6f00-7a10-8b20-3c4d5e6f7a8b")
_READER = "havering"
_DIGEST = to_text(document_digest(b""))
EXAMPLE = Release(
    effective_from="2024-05-01",
    feeds=(),
    kind="release",
    loss=Loss(beside=0, changed=0, given_away=0, shown=1, size_known=0, small=1),
    mapping="dfe-factors@1",
    month="2024-05",
    name="release-2024-05",
    origin="invented, for this page",
    policy="small-numbers-1",
    positions=(Position(ledger="havering", position=17),),
    rationale="an example",
    registered_tables="release-tables@1",
    rule_packs=("wt2023@1",),
    tables=(
        Table(
            code="knife-crime-and-gangs",
            periods=("2023", "2024"),
            series=(
                Series(
                    borough="havering",
                    breakdown="all",
                    changes=("", "c"),
                    counts="episodes",
                    measure="factor-13a",
                    numerators=("12", "c"),
                ),
            ),
            theme="knife-crime-and-gangs",
            title="An invented table",
        ),
    ),
    version=1,
    views_version="views 1",
)
_ISSUED = told.ReleaseIssued(digest=to_text(document_digest(EXAMPLE.canonical())), release=EXAMPLE)
_EXAMPLES: Mapping[type[told.Told], Strict] = {
    told.DocumentTold: told.DocumentRegistered(
        digest=_DIGEST,
        document="rule-pack",
        effective_from="2024-05-01",
        name="wt2023",
        version=1,
    ),
    told.GrantedTold: told.RightGiven(
        effective_from="2024-05-01",
        office="analyst",
        purposes=("partnership-themes",),
        right="released",
    ),
    told.ReleaseTold: _ISSUED,
    told.RemovedTold: told.RightEnded(
        effective_until="2024-05-31", office="analyst", right="released"
    ),
    told.SignedTold: told.AgreementBound(agreement="bhr-themes@1", by_participant="redbridge"),
    told.SuspendedTold: told.AgreementStopped(
        agreement="bhr-themes@1",
        by_participant="redbridge",
        effective_from="2024-05-01T00:00:00Z",
    ),
    told.WaitingTold: told.Waits(ledger="redbridge", what="part"),
}


def told_messages() -> dict[str, JsonValue]:
    """Describe each kind of message, by the name of its model."""
    return {kind.__name__: _message(kind) for kind in told.KINDS}


def told_schemas() -> Mapping[str, JsonValue]:
    """Give the schemas that these messages refer to."""
    _, document = models_json_schema(
        [(kind, "validation") for kind in told.KINDS],
        ref_template="#/components/schemas/{model}",
    )
    found: Mapping[str, JsonValue] = document["$defs"]
    return found


def _message(kind: type[told.Told]) -> JsonValue:
    mark = told.message_id("bhr", 7, _ENTRY, _READER)
    example = told.told(kind, mark, _READER, "2024-05-01T09:00:00.000Z", _EXAMPLES[kind])
    return {
        "name": told.type_of(kind),
        "summary": (kind.__doc__ or "").strip(),
        "contentType": told.CONTENT_TYPE,
        "headers": {
            "type": "object",
            "properties": {
                ID_HEADER: {"type": "string", "description": "16 bytes: the id of the payload"},
                TYPE_HEADER: {"type": "string", "const": told.CONTENT_TYPE},
            },
            "required": [ID_HEADER, TYPE_HEADER],
        },
        "payload": {"$ref": f"#/components/schemas/{kind.__name__}"},
        "examples": [{"name": "invented", "payload": strict_json(example.canonical())}],
    }
