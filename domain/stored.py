"""Stored part bytes back into catalogue models: the reverse of what intake committed to.

Bytes that are not a document of their kind raise RecordMalformed naming the part, and nothing of
what they hold. Older versions are read by their own models and upcast to the current one.
"""

from __future__ import annotations

from pydantic import TypeAdapter, ValidationError

from domain.envelope import Header, SubjectEntry
from domain.errors import NotFound, RecordMalformed
from domain.vocabulary.catalogue import Catalogue
from domain.vocabulary.parts import FactsPart, Kind, SharedPart

AnyEntry = SubjectEntry[SharedPart]


class StoredModels:
    """Reads header, facts and shared parts of one catalogue's events."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Build the readers of every kind and version once."""
        self.catalogue = catalogue
        self._entries: dict[type[SharedPart], TypeAdapter[AnyEntry]] = {
            kind.Shared: TypeAdapter(SubjectEntry[kind.Shared])  # type: ignore[name-defined]  # built at run time
            for kind in catalogue.kinds
        }

    def header(self, raw: bytes) -> tuple[Header, type[Kind]]:
        """Read a header and name its kind (in the version that was written)."""
        try:
            header = Header.model_validate_json(raw)
            return header, self.catalogue.kind(header.type)
        except (ValidationError, NotFound):
            raise RecordMalformed("header") from None

    def facts(self, kind: type[Kind], raw: bytes) -> FactsPart:
        """Read a facts part, upcast to the current version."""
        try:
            found = kind.Facts.model_validate_json(raw)
        except ValidationError:
            raise RecordMalformed("facts") from None
        return self.catalogue.upcast_facts(kind, found)

    def entry(self, kind: type[Kind], raw: bytes) -> tuple[AnyEntry, SharedPart]:
        """Read a subject's entry; gives it as written, and its shared part upcast."""
        try:
            found = self._entries[kind.Shared].validate_json(raw)
        except ValidationError:
            raise RecordMalformed("shared part") from None
        return found, self.catalogue.upcast_shared(kind, found.shared)
