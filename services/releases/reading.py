"""Reading releases: by either right, each read recorded with the one that was used."""

from __future__ import annotations

from domain.canonical import JsonValue, strict_json
from domain.errors import NotFound
from domain.reference.documents import document_digest
from domain.reference.releases import Release, Table
from domain.values import to_text
from services.reading import RELEASES, Reading, ReadingDesk, Right
from services.registry import Registry
from services.releases.publishing import releases


class ReleaseReading:
    """Gives releases as they were published to those who may read them."""

    def __init__(self, registry: Registry, desk: ReadingDesk) -> None:
        """Read the register; admit and record at the desk."""
        self._registry = registry
        self._desk = desk

    def listed(self, reading: Reading) -> dict[str, JsonValue]:
        """List the releases, the newest first, with what each does not show."""
        right = self._desk.allow_release(reading)
        rows: list[JsonValue] = [_summary(one) for one in reversed(releases(self._registry))]
        self._desk.record(reading, RELEASES, positions={}, filters={}, right=right)
        return {"releases": rows, "right": right}

    def whole(self, reading: Reading, month: str) -> bytes:
        """Give a release by its exact bytes."""
        right = self._desk.allow_release(reading)
        release = self._found(month)
        self._record(reading, release, right, {"release": month})
        return release.canonical()

    def table(self, reading: Reading, month: str, code: str) -> tuple[Release, Table]:
        """Give one table of a release."""
        right = self._desk.allow_release(reading)
        release = self._found(month)
        table = release.table(code)
        if table is None:
            raise NotFound("table of a release")
        self._record(reading, release, right, {"release": month, "table": code})
        return release, table

    def _found(self, month: str) -> Release:
        for one in releases(self._registry):
            if one.month == month:
                return one
        raise NotFound("release")

    def _record(
        self, reading: Reading, release: Release, right: Right, filters: dict[str, str]
    ) -> None:
        positions = {one.ledger: one.position for one in release.positions}
        self._desk.record(reading, RELEASES, positions=positions, filters=filters, right=right)


def _summary(release: Release) -> JsonValue:
    loss = release.loss
    return {
        "digest": to_text(document_digest(release.canonical())),
        "hidden": loss.hidden(),
        "hidden_of_100": loss.share(),
        "loss": strict_json(loss.canonical()),
        "name": release.month,
        "shown": loss.shown,
        "tables": [table.code for table in release.tables],
    }
