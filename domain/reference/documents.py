"""The kinds of reference document, and the one door by which bytes become one of them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TypeVar

from pydantic import ValidationError

from domain.canonical import JsonValue, NotCanonical, strict_json
from domain.errors import NotFound, ReferenceRefused
from domain.reference.agreements import Agreement
from domain.reference.body_keys import BodyKeys
from domain.reference.dated import Document, fault, shape_faults
from domain.reference.factor_mapping import FactorMapping
from domain.reference.participants import Participants
from domain.reference.reference_figures import ReferenceFigures
from domain.reference.release_tables import ReleaseTables
from domain.reference.releases import Release
from domain.reference.rule_packs import RulePack

KINDS: Mapping[str, type[Document]] = {
    "agreement": Agreement,
    "body-keys": BodyKeys,
    "factor-mapping": FactorMapping,
    "participants": Participants,
    "reference-figures": ReferenceFigures,
    "release": Release,
    "release-tables": ReleaseTables,
    "rule-pack": RulePack,
}

LARGEST = 1_048_576
"""Bytes that a document may have: the largest of ours has a thirtieth of it."""

UNREADABLE = "document"
"""What a document is called in a refusal as long as its kind is not known."""

D = TypeVar("D", bound=Document)


def parse_document(kind: str, raw: bytes) -> Document:
    """Read a document of a kind from its exact bytes.

    Raises ReferenceRefused with every fault of its shape or, where that is right, with everything
    that does not hold together; NotFound for a kind that does not exist.
    """
    if kind not in KINDS:
        raise NotFound("kind of reference document")
    return read_as(KINDS[kind], raw, called=kind)


def read_as(model: type[D], raw: bytes, *, called: str = UNREADABLE) -> D:
    """Read a document as one model, as `parse_document` does for a caller that knows the type."""
    _strictly(raw, called)
    try:
        document = model.model_validate_json(raw)
    except ValidationError as error:
        raise ReferenceRefused(called, shape_faults(error, model)) from None
    if faults := tuple(document.rules()):
        raise ReferenceRefused(called, faults)
    return document


def kind_of(raw: bytes) -> str:
    """Give the kind that a document says it is; raises ReferenceRefused where we know none such."""
    value = _strictly(raw, UNREADABLE)
    kind = value.get("kind") if isinstance(value, Mapping) else None
    if not isinstance(kind, str) or kind not in KINDS:
        raise ReferenceRefused(UNREADABLE, (fault("kind", "unknown"),))
    return kind


def document_digest(raw: bytes) -> bytes:
    """Give the SHA-256 of a document's exact bytes: views name by it what they were made with."""
    return hashlib.sha256(raw).digest()


def _strictly(raw: bytes, called: str) -> JsonValue:
    if len(raw) > LARGEST:
        raise ReferenceRefused(called, (fault("", "too-large"),))
    try:
        return strict_json(raw)
    except NotCanonical as refused:
        raise ReferenceRefused(called, (fault("", refused.code),)) from None
