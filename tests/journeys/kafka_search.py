"""What a broker was given, kept as it was before it was sealed, and how its files may hold it."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from domain.canonical import JsonValue, strict_json
from domain.queued import packed
from domain.values import to_bytes
from services.borough.drafting import Draft
from tests.inside_documents import names, texts
from tests.kafka_server import SEARCHED_BYTES_MIN

INSIDE_BYTES = 24


@contextmanager
def kept_before_sealing(keep: Callable[[bytes], object]) -> Iterator[None]:
    """Have each document kept that this process gives a broker, as it is before it is sealed."""

    def kept(document: bytes) -> bytes:
        keep(document)
        return packed(document)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("services.borough.queued.packed", kept)
        yield


def as_bytes(word: str) -> set[bytes]:
    """Give the ways in which a word of a document may lie in a file."""
    found = {word.encode()}
    with suppress(ValueError):
        found.add(to_bytes(word))
    return {one for one in found if len(one) >= SEARCHED_BYTES_MIN}


def inside(document: bytes) -> bytes:
    """Give bytes from the middle of a message that was packed and not sealed.

    Packed, no word of a document stands as it was: without these a lost sealing is not seen.
    """
    raw = packed(document)
    assert len(raw) > 2 * INSIDE_BYTES
    return raw[len(raw) // 2 :][:INSIDE_BYTES]


class Given:
    """A folder of documents that were given to a broker."""

    def __init__(self, folder: Path) -> None:
        """Use a folder, which is made where it is not there."""
        folder.mkdir(exist_ok=True)
        self._folder = folder

    def keep(self, document: bytes) -> None:
        """Keep a document, once however often it is sent."""
        (self._folder / hashlib.sha256(document).hexdigest()).write_bytes(document)

    def times(self) -> list[float]:
        """Give when each document was last sent, in seconds since 1970."""
        return [one.stat().st_mtime for one in self._folder.iterdir()]

    def submissions(self) -> set[uuid.UUID]:
        """Give the ids of all submissions."""
        found = set()
        for document in self._documents():
            assert isinstance(document, Mapping)
            head = document["submission"]
            assert isinstance(head, Mapping)
            found.add(uuid.UUID(str(head["id"])))
        return found

    def fields(self) -> set[bytes]:
        """Give every text of them, and every field's name as it stands in JSON."""
        found: set[bytes] = set()
        for document in self._documents():
            for word in texts(document):
                found |= as_bytes(word)
            found |= {f'"{name}":'.encode() for name in names(document)}
        return {one for one in found if len(one) >= SEARCHED_BYTES_MIN}

    def raw(self) -> list[bytes]:
        """Give the documents as they were before they were packed."""
        return [one.read_bytes() for one in self._folder.iterdir()]

    def _documents(self) -> Iterator[JsonValue]:
        return (strict_json(one) for one in self.raw())


def restricted_fields(drafts: Iterable[Draft]) -> set[bytes]:
    """Give every text that a borough sealed into restricted parts, as it was before."""
    parts = (one.restricted for draft in drafts for one in draft.subjects if one.restricted)
    words = (word for part in parts for word in texts(part.model_dump(mode="json")))
    return {one for word in words for one in as_bytes(word)}
