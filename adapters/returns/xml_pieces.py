"""What a streamed XML file comes apart into, and how much of anything it may hold."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of anything a file may hold; sizes in bytes, texts in characters."""

    file_size: int = 2 * 1024**3
    depth: int = 32
    text: int = 4096
    name: int = 128
    names: int = 4096
    attributes: int = 64
    markup: int = 256 * 1024
    record_elements: int = 20_000
    record_text: int = 1024 * 1024
    children: int = 1_000_000
    faults: int = 100


class Element:
    """One element: its local name, its line, its text, and the elements inside it (None: none).

    `text` is cut one character past the limit, so that too long a text shows; space alone between
    elements is dropped. `text_line` is where the text begins, or 0 when there is none.
    """

    __slots__ = ("line", "name", "parts", "text", "text_line")

    def __init__(self, name: str, line: int) -> None:
        self.name = name
        self.line = line
        self.parts: list[Element] | None = None
        self.text = ""
        self.text_line = 0


@dataclass(frozen=True, slots=True)
class Record:
    """One complete element that stood in the shell `parent`.

    `size` counts its elements, itself included. `whole` is False when it was larger than a record
    may be; then only its beginning is held.
    """

    parent: str
    element: Element
    size: int
    whole: bool


@dataclass(frozen=True, slots=True)
class Stray:
    """Text that stood in the shell `parent` itself, where only elements belong."""

    parent: str
    line: int


@dataclass(frozen=True, slots=True)
class Opened:
    """A shell was opened."""

    name: str
    line: int


Piece = Record | Stray | Opened
