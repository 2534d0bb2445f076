"""Gives the shipped reference documents by their exact bytes, ready to be registered.

They are drafts: what a hub goes by is what was registered, never these files.
"""

from __future__ import annotations

import importlib.resources
from collections.abc import Sequence
from dataclasses import dataclass, replace

from domain.errors import NotFound
from domain.reference.agreements import Agreement, agreement_for
from domain.reference.documents import read_as
from domain.reference.participants import Authority, Participants, participants_for

PARTICIPANTS = "participants.json"
AGREEMENT = "agreement-bhr-themes.json"
FACTOR_MAPPING = "factor-mapping.json"

FILES = {
    PARTICIPANTS: "participants",
    AGREEMENT: "agreement",
    FACTOR_MAPPING: "factor-mapping",
    "release-tables.json": "release-tables",
    "rule-packs/wt2018.json": "rule-pack",
    "rule-packs/wt2023.json": "rule-pack",
    "rule-packs/wt2026.json": "rule-pack",
    "rule-packs/masa-bd-2019.json": "rule-pack",
    "rule-packs/london-cp.json": "rule-pack",
    "reference-figures/assessment-factors.json": "reference-figures",
    "reference-figures/assessment-factors-comparators.json": "reference-figures",
    "reference-figures/population-0-17.json": "reference-figures",
    "reference-figures/referrals.json": "reference-figures",
    "reference-figures/children-in-need.json": "reference-figures",
}
"""Every shipped document and its kind, in an order in which they can be registered."""


@dataclass(frozen=True, slots=True)
class Shipped:
    """One shipped document: its file's name in this package, its kind, its exact bytes."""

    file: str
    kind: str
    raw: bytes


def shipped_documents() -> tuple[Shipped, ...]:
    """Give every document that the package ships, in an order to register them in."""
    return tuple(shipped_document(file) for file in FILES)


def shipped_document(file: str) -> Shipped:
    """Give one document by its file's name in this package; raises NotFound."""
    if file not in FILES:
        raise NotFound("shipped reference document")
    place = importlib.resources.files("adapters.reference").joinpath(*file.split("/"))
    return Shipped(file, FILES[file], place.read_bytes())


def documents_for(authorities: Sequence[Authority]) -> tuple[Shipped, ...]:
    """Give the same documents drafted for other authorities: participants and agreement differ.

    Raises ReferenceRefused where the authorities do not make up such documents.
    """
    participants = participants_for(authorities)
    agreement = agreement_for(
        participants,
        draft=read_as(Agreement, shipped_document(AGREEMENT).raw),
        drafted_for=read_as(Participants, shipped_document(PARTICIPANTS).raw),
    )
    drafted = {PARTICIPANTS: participants.canonical(), AGREEMENT: agreement.canonical()}
    return tuple(
        replace(document, raw=drafted.get(document.file, document.raw))
        for document in shipped_documents()
    )
