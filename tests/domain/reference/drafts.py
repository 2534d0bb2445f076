"""Small documents of each kind that hold together, for tests to bend."""

from __future__ import annotations

import copy
import datetime
import json

from hypothesis import strategies as st

from domain.errors import ReferenceRefused
from domain.reference.documents import parse_document

Draft = dict[str, object]

DAYS = st.dates(datetime.date(1990, 1, 1), datetime.date(2098, 11, 1))
"""A year and some weeks before the last day that a document may name."""

HEAD: Draft = {"version": 1, "effective_from": "2020-01-01", "origin": "a test", "rationale": "why"}

PARTICIPANTS: Draft = HEAD | {
    "kind": "participants",
    "name": "test-participants",
    "participants": [
        {
            "code": "northam",
            "name": "Northam",
            "kind": "borough",
            "la_code": "901",
            "gss_code": "E09000901",
            "ledger": "northam",
            "effective_from": "2000-01-01",
        },
        {
            "code": "southam",
            "name": "Southam",
            "kind": "borough",
            "la_code": "902",
            "gss_code": "E09000902",
            "ledger": "southam",
            "effective_from": "2000-01-01",
        },
        {
            "code": "old-health",
            "name": "The old health body",
            "kind": "icb",
            "effective_from": "2013-04-01",
            "effective_until": "2022-06-30",
            "successors": ["new-health"],
        },
        {
            "code": "new-health",
            "name": "The new health body",
            "kind": "icb",
            "effective_from": "2022-07-01",
        },
        {"code": "police", "name": "Police", "kind": "police", "effective_from": "2000-01-01"},
        {
            "code": "group",
            "name": "The partners",
            "kind": "partnership",
            "ledger": "group",
            "effective_from": "2019-09-29",
        },
    ],
    "sources": [
        {
            "name": "/participants/northam/case-system",
            "participant": "northam",
            "controller": "northam",
            "ledger": "northam",
            "description": "cases",
        },
        {
            "name": "/participants/police/northam",
            "participant": "police",
            "controller": "police",
            "ledger": "northam",
            "description": "police events",
        },
    ],
}

AGREEMENT: Draft = HEAD | {
    "kind": "agreement",
    "name": "test-agreement",
    "parties": ["northam", "southam", "police"],
    "controllers": ["northam", "southam", "police"],
    "erasure_waiting_days": 28,
    "purposes": [
        {"code": "themes", "description": "see together"},
        {"code": "case-work", "description": "protect one child"},
    ],
    "legal_bases": [
        {"kind": "article-6", "provision": "6(1)(e)", "checked": True, "origin": "a page"}
    ],
    "groups": [
        {
            "code": "assessment",
            "title": "Assessments",
            "types": ["assessment-completed"],
            "purposes": ["themes"],
            "retention_days": 100,
        },
        {
            "code": "moves",
            "title": "Moves",
            "types": ["cross-border-move-notified"],
            "purposes": ["themes", "case-work"],
            "recipients": ["northam", "southam", "police"],
            "recipient_purposes": ["case-work"],
            "retention_days": 50,
        },
    ],
    "readers": [
        {
            "participants": ["northam", "southam"],
            "offices": ["director"],
            "views": ["factors"],
            "purposes": ["themes"],
        },
        {
            "participants": ["police"],
            "offices": ["commander"],
            "views": ["factors"],
            "purposes": ["themes"],
        },
    ],
}

MAPPING: Draft = HEAD | {
    "kind": "factor-mapping",
    "name": "test-mapping",
    "episodes_column": "Episodes",
    "factors": [
        {
            "code": "13A",
            "column": "Gangs",
            "title": "Gangs",
            "first_year": 2017,
            "themes": [
                {"theme": "knives", "strength": "primary"},
                {"theme": "harm", "strength": "supporting"},
            ],
        },
        {
            "code": "18A",
            "column": "Unknown_abuse",
            "title": "Not said",
            "first_year": 2017,
            "last_year": 2020,
            "replaced_by": ["18B"],
        },
        {"code": "18B", "column": "Child_abuse", "title": "By a child", "first_year": 2021},
        {"code": "21", "column": None, "title": "None", "first_year": 2017},
    ],
    "themes": [
        {
            "code": "knives",
            "title": "Knives",
            "measures": [
                {
                    "code": "gangs",
                    "title": "Gangs",
                    "factors": ["13A"],
                    "fed_by": ["assessment-completed"],
                    "could_be_fed_by": "returns",
                },
                {
                    "code": "offences",
                    "title": "Offences",
                    "fed_by": ["figure-reported"],
                    "could_be_fed_by": "the police",
                },
            ],
        },
        {
            "code": "harm",
            "title": "Harm",
            "measures": [{"code": "moves", "title": "Moves", "could_be_fed_by": "nobody yet"}],
        },
    ],
}

PACK: Draft = HEAD | {
    "kind": "rule-pack",
    "name": "wt2018",
    "code": "WT2018",
    "area": "national",
    "dates_checked": True,
    "clocks": [
        {
            "code": "assessment",
            "applies_to": "an assessment",
            "starts": "the referral",
            "length": 45,
            "unit": "working-days",
            "checked": True,
            "origin": "a page",
        }
    ],
    "duties": [
        {"code": "report", "text": "report", "checked": True, "origin": "a page"},
        {
            "code": "sessions",
            "text": "meet",
            "at_least": 2,
            "months": 12,
            "checked": True,
            "origin": "a page",
        },
    ],
}

FIGURES: Draft = HEAD | {
    "kind": "reference-figures",
    "name": "test-figures",
    "title": "Figures",
    "licence": "a licence",
    "latest_year": 2022,
    "rounding": "none",
    "columns": ["year", "gss_code", "area", "children", "percent"],
    "key_columns": ["year", "gss_code"],
    "label_columns": ["area"],
    "symbols": [{"sign": "c", "meaning": "suppressed"}],
    "rows": [
        ["2021", "E09000901", "Northam", "c", "12.5"],
        ["2022", "E09000901", "Northam", "0", "30"],
    ],
}

DRAFTS = {
    "agreement": AGREEMENT,
    "factor-mapping": MAPPING,
    "participants": PARTICIPANTS,
    "reference-figures": FIGURES,
    "rule-pack": PACK,
}


def bent(draft: Draft, place: str, value: object) -> Draft:
    """Give a copy of a draft with another value at a dotted place; `+` appends to a list."""
    copied = copy.deepcopy(draft)
    *steps, last = place.split(".")
    inside: object = copied
    for step in steps:
        inside = inside[int(step)] if isinstance(inside, list) else _in(inside, step)
    if isinstance(inside, list):
        if last == "+":
            inside.append(value)
        else:
            inside[int(last)] = value
    elif isinstance(inside, dict):
        inside[last] = value
    return copied


def _in(inside: object, step: str) -> object:
    assert isinstance(inside, dict)
    return inside[step]


def raw(draft: Draft) -> bytes:
    """Give a draft as a file would hold it."""
    return json.dumps(draft).encode()


def refused(draft: Draft) -> dict[str, str]:
    """Give the codes of a refused draft by place."""
    try:
        parse_document(str(draft["kind"]), raw(draft))
    except ReferenceRefused as refusal:
        return {fault.place: fault.code for fault in refusal.faults}
    return {}
