"""What the OpenAPI says of each route: every status, its content type and document, examples."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from adapters.http import (
    documents,
    erasing_documents,
    examples,
    notices_documents,
    other_documents,
    queued_documents,
    release_documents,
    theme_documents,
    view_documents,
)
from adapters.http.bodies import BATCH_TYPE, ONE_TYPE
from adapters.http.problems import PROBLEM_TYPE
from domain.queued import PublishedIntakeKey
from domain.receipts import Receipt
from domain.values import Strict
from domain.wire import EVENTS_MAX, SIGNED_TYPE

ACKNOWLEDGEMENT_TYPE = "application/vnd.bhr.acknowledgement+json"
_SHOWN: tuple[type[Strict], ...] = (
    documents.Acknowledgement,
    documents.KeysAnswer,
    notices_documents.ConfirmedAnswer,
    notices_documents.Confirmation,
    notices_documents.NoticesAnswer,
    notices_documents.WaitingAnswer,
    documents.PartAnswer,
    documents.PlainCloudEvent,
    documents.Problem,
    documents.Submission,
    erasing_documents.DecisionAnswer,
    erasing_documents.ErasuresAnswer,
    erasing_documents.SignedDecisionFile,
    other_documents.AccessAnswer,
    other_documents.CrossBoroughAnswer,
    other_documents.HistoryAnswer,
    other_documents.IndicatorsAnswer,
    other_documents.LoadsAnswer,
    other_documents.StrategyAnswer,
    view_documents.FactorsAnswer,
    view_documents.FeedsAnswer,
    theme_documents.ThemeAnswer,
    release_documents.ReleaseAnswer,
    release_documents.ReleasesAnswer,
    release_documents.ReleaseTableAnswer,
    PublishedIntakeKey,
    queued_documents.NumbersAnswer,
    queued_documents.QueueAnswer,
    Receipt,
)
Described = dict[int | str, dict[str, object]]
Node = dict[str, object]

_REFERENCE = "#/components/schemas/{model}"
_TEXT: Node = {"schema": {"type": "string"}}
_HEADERS: Mapping[int, Node] = {
    401: {"WWW-Authenticate": {"description": "The scheme", "required": True, **_TEXT}},
    503: {"Retry-After": {"description": "Seconds to wait", "required": True, **_TEXT}},
}
_ALWAYS: Mapping[int, str] = {
    401: "No valid bearer token",
    422: "A parameter is missing, unknown, given twice, or not of its form",
    500: "An unexpected fault",
}


def schema(model: str) -> Node:
    """Refer to a document by its model."""
    return {"$ref": _REFERENCE.format(model=model)}


def described(good: Node, refusals: Mapping[int, str]) -> Described:
    """Describe a route: what it answers, and each refusal as a problem."""
    problem = {PROBLEM_TYPE: {"schema": schema("Problem")}}
    told: Described = {200: good}
    for status, description in sorted({**_ALWAYS, **refusals}.items()):
        told[status] = {"description": description, "content": problem}
        if status in _HEADERS:
            told[status]["headers"] = _HEADERS[status]
    return told


def answered(description: str, model: str, kind: str = "application/json") -> Node:
    """Describe an answer that is one document."""
    return {"description": description, "content": {kind: {"schema": schema(model)}}}


_CSV_TOLD = (
    "All that is counted in the answer, rows of `also` and of `coverage` too, what has no source"
    " yet as a row that says so; without any, one row that says what the answer stands on. Own"
    " columns come first, those that every row stands on last. UTF-8 with its mark, RFC 4180."
    " What a spreadsheet would change is written so that it does not:"
    " a month is `2022-M04`, a range `10 to 15`, and other such texts are led by an apostrophe."
)
_CSV: Node = {"text/csv": {"schema": {"type": "string", "description": _CSV_TOLD}}}
_TAG: Node = {"ETag": {"description": "The same for the same answer", "required": True, **_TEXT}}


def _view(description: str, model: str, refusals: Mapping[int, str]) -> Described:
    """Describe a view: as JSON or CSV, with its tag, or told to be unchanged."""
    return _tagged(description, {**_json(model), **_CSV}, refusals)


_READING: Mapping[int, str] = {
    403: "No agreement, purpose or right allows it",
    404: "No such thing, or none that the caller may know of",
    503: "Not available, or the read could not be recorded: nothing is shown",
}


def _tagged(description: str, content: Node, refusals: Mapping[int, str] = _READING) -> Described:
    told = described({}, refusals)
    told[200] = {"description": description, "content": content, "headers": _TAG}
    told[304] = {"description": "Unchanged since the answer of this tag", "headers": _TAG}
    return told


def _json(model: str) -> Node:
    return {"application/json": {"schema": schema(model)}}


_ASKING: Mapping[int, str] = {
    **_READING,
    422: "A parameter is not as described, or the views do not answer such a question",
}

FACTORS = _view("Counts by borough and year", "FactorsAnswer", _READING)
THEME = _view("Measures by borough and period", "ThemeAnswer", _ASKING)
ACCESS = _view("Reads and fetches, the newest first", "AccessAnswer", _READING)
CROSS_BOROUGH = _view("Pairs of boroughs by theme, and coverage", "CrossBoroughAnswer", _READING)
HISTORY = _view("Numbers then and now, and why", "HistoryAnswer", _ASKING)
INDICATORS = _view("Each indicator by borough and year", "IndicatorsAnswer", _READING)
LOADS = _view("Loads, the last one first", "LoadsAnswer", _READING)
STRATEGY = _view("Held and late, by borough and period", "StrategyAnswer", _READING)
FEEDS = _view("Each source's health", "FeedsAnswer", _READING)
TIDY = _tagged("One row a figure", _CSV)
RELEASES = _tagged("The releases, the newest first", _json("ReleasesAnswer"))
RELEASE = _tagged("The release as it was published", _json("ReleaseAnswer"))
RELEASE_TABLE = _view("The table as it was published", "ReleaseTableAnswer", _READING)
PART = described(
    answered("The part as its publisher sealed it", "PartAnswer"),
    {**_READING, 410: "Its key was destroyed: it does not open any more"},
)
KEYS = described(
    answered("The registered keys", "KeysAnswer"),
    {404: "No such body, or none with registered keys", 503: "Not available"},
)
PUBLISHING = described(
    answered(
        "Signed: what stands, event by event; some may be refused",
        "Acknowledgement",
        ACKNOWLEDGEMENT_TYPE,
    ),
    {
        400: "The body is not JSON in UTF-8",
        403: "The token, key, signature or agreement does not allow it",
        408: "The body did not arrive in time",
        409: "The submission's id, or every event's, is recorded with another content",
        413: "More than 5 MiB, decoded, in one batch",
        415: "Another content type or coding",
        422: "Every event was refused, or a parameter: what is wrong, by event and field",
        503: "Not available: nothing was recorded",
    },
)
_LOG: Mapping[int, str] = {
    404: "No such ledger, or not as many entries",
    503: "Not available",
}
CHECKPOINT = described(
    {
        "description": "A signed note: origin, size, root, signatures and cosignatures",
        "content": {"text/plain": {"schema": {"type": "string"}}},
    },
    {**_LOG, 404: "No such ledger, or no such checkpoint (yet)"},
)
_OCTETS: Node = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
TILE = described({"description": "Hashes of 32 bytes each", "content": _OCTETS}, _LOG)
ENTRIES = described(
    {"description": "Entries, each after its length in two bytes", "content": _OCTETS},
    {
        **_LOG,
        403: "The ledger of another body, and no right to audit",
        503: "Not available, or the fetch could not be recorded: nothing is given",
    },
)
RECEIPT = described(
    answered("A receipt, and what was signed of the event", "Receipt"),
    {
        404: "No such event in the caller's ledger, or no checkpoint covers it yet",
        503: "Not available",
    },
)
PUBLISHING_BODY: Node = {
    "required": True,
    "description": "At most 5 MiB, gzip or not; JSON in UTF-8 without floats or duplicate keys.",
    "content": {
        SIGNED_TYPE: {"schema": schema("Submission"), "example": examples.SUBMISSION},
        ONE_TYPE: {"schema": schema("PlainCloudEvent"), "example": examples.PLAIN_EVENT},
        BATCH_TYPE: {
            "schema": {
                "type": "array",
                "items": schema("PlainCloudEvent"),
                "minItems": 1,
                "maxItems": EVENTS_MAX,
            },
            "example": [examples.PLAIN_EVENT],
        },
    },
}


class _Untitled(GenerateJsonSchema):
    """Without a title for each field: it would say the field's name again."""

    def field_title_should_be_set(self, _: object) -> bool:
        return False


def _without_default_null(node: Node) -> Node:
    """What may be left out is simply not there."""
    return {name: value for name, value in node.items() if (name, value) != ("default", None)}


def openapi(app: FastAPI) -> Node:
    """Give the OpenAPI document of the application, its components and its token scheme added."""
    document = get_openapi(
        title=app.title,
        version=app.version,
        openapi_version=app.openapi_version,
        description=app.description,
        routes=app.routes,
    )
    _, made = models_json_schema(
        [(one, "validation") for one in _SHOWN],
        ref_template=_REFERENCE,
        schema_generator=_Untitled,
    )
    # A generic model's name holds those that it was made with: `SignedData_AnyFacts_AnyShared_`.
    text = re.sub(r"_Any[A-Za-z_]+|\[Any[A-Za-z, ]+\]", "", json.dumps(made["$defs"]))
    named = json.loads(text, object_hook=_without_default_null)
    bearer = {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "Speaks for one source of one participant, or for one office that reads.",
    }
    document["components"] = {"schemas": named, "securitySchemes": {"bearer": bearer}}
    document["security"] = [{"bearer": []}]
    return document
