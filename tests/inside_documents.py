"""What a document says at any depth: its texts, and the names of its fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping


def texts(document: object) -> Iterator[str]:
    """Give every text in a document."""
    if isinstance(document, str):
        yield document
    for inner in _inside(document):
        yield from texts(inner)


def names(document: object) -> Iterator[str]:
    """Give the name of every field in a document."""
    if isinstance(document, Mapping):
        yield from document
    for inner in _inside(document):
        yield from names(inner)


def _inside(document: object) -> Iterator[object]:
    if isinstance(document, Mapping):
        yield from document.values()
    elif isinstance(document, list | tuple):
        yield from document
