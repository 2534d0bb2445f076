"""Reading releases: by either right, each read recorded with the one that was used.

A release is given by its exact bytes, within what every answer says beside its figures. What is
fixed with it (positions, freshness and gaps as they were, versions, what was hidden) is taken from
it; by which agreement and right it is read, and what was erased since, is said as it is now.
"""

from __future__ import annotations

from domain.canonical import JsonValue, strict_json
from domain.errors import NotFound
from domain.reference.documents import document_digest
from domain.reference.releases import Release
from domain.values import to_text
from services.answering import JUDGEMENT, NOT_PERFORMANCE, Answering
from services.reading import RELEASES, Reading, ReadingDesk, Right
from services.releases.publishing import releases

Answer = dict[str, JsonValue]
OF_DOCUMENTS = "Releases are documents: what its figures stand on is said of each."


class ReleaseReading:
    """Gives releases as they were published to those who may read them."""

    def __init__(self, answering: Answering, desk: ReadingDesk) -> None:
        """Say what every answer says; admit and record at the desk."""
        self._answering = answering
        self._registry = answering.registry
        self._desk = desk

    def listed(self, reading: Reading) -> Answer:
        """List the releases, the newest first, with what each does not show and stands on."""
        right = self._desk.allow_release(reading)
        rows: list[JsonValue] = [
            {**self._stands_on(one), **_summary(one)} for one in reversed(releases(self._registry))
        ]
        self._desk.record(reading, RELEASES, positions={}, filters={}, right=right)
        said: Answer = {"about": OF_DOCUMENTS, "proof": self._answering.proof()}
        return {**_read(reading, right, {}), **said, "releases": rows}

    def whole(self, reading: Reading, month: str) -> Answer:
        """Give a release: canonical JSON of the answer has its exact bytes in it."""
        right = self._desk.allow_release(reading)
        release = self._found(month)
        whole = strict_json(release.canonical())
        return self._answer(reading, release, right, {"release": month}) | {"release": whole}

    def table(self, reading: Reading, month: str, code: str) -> Answer:
        """Give one table of a release."""
        right = self._desk.allow_release(reading)
        release = self._found(month)
        table = release.table(code)
        if table is None:
            raise NotFound("table of a release")
        filters = {"release": month, "table": code}
        answer = self._answer(reading, release, right, filters)
        return answer | {"table": strict_json(table.canonical())}

    def _found(self, month: str) -> Release:
        for one in releases(self._registry):
            if one.month == month:
                return one
        raise NotFound("release")

    def _answer(
        self, reading: Reading, release: Release, right: Right, filters: dict[str, str]
    ) -> Answer:
        """Give what an answer says beside the figures, and record the read before giving it."""
        answer: Answer = {
            **_read(reading, right, filters),
            **self._stands_on(release),
            "boroughs": self._answering.borough_rows(),
            "loss": strict_json(release.loss.canonical()),
        }
        positions = {one.ledger: one.position for one in release.positions}
        self._desk.record(reading, RELEASES, positions=positions, filters=filters, right=right)
        return answer

    def _stands_on(self, release: Release) -> Answer:
        positions = {one.ledger: one.position for one in release.positions}
        return {
            "digest": to_text(document_digest(release.canonical())),
            "erasures_since": self._answering.erasures_since(positions),
            "feeds": [strict_json(one.canonical()) for one in release.feeds],
            "mapping": {"note": JUDGEMENT, "reference": release.mapping},
            "policy": release.policy,
            "positions": dict(positions),
            "proof": self._answering.proof(positions),
            "registered_tables": release.registered_tables,
            "rule_packs": list(release.rule_packs),
            "suppression": release.suppression(),
            "views_version": release.views_version,
        }


def _read(reading: Reading, right: Right, filters: dict[str, str]) -> Answer:
    return {
        "agreement": reading.agreement,
        "as_of": None,
        "filters": dict(filters),
        "note": NOT_PERFORMANCE,
        "purpose": reading.purpose,
        "right": right,
        "view": RELEASES,
    }


def _summary(release: Release) -> Answer:
    loss = release.loss
    return {
        "hidden": loss.hidden(),
        "hidden_of_100": loss.share(),
        "loss": strict_json(loss.canonical()),
        "name": release.month,
        "shown": loss.shown,
        "tables": [table.code for table in release.tables],
    }
